import HTTPTypes
public import JSON

/// The OpenAPI 3.1 description of the HTTP calls, made from the table of routes.
public enum OpenAPI {
    /// The document, `protocol/openapi.json`.
    public static func document(version: String) -> JSON {
        var paths = JSONObject()
        for route in Route.all {
            var item = paths[route.path.text]?.object ?? [:]
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path.text] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Signalbox",
                "version": JSON(version),
                "description": JSON(
                    """
                    Live state and human approvals for agent flows. Errors are RFC 9457 problems with a stable `code`; \
                    ids of another tenant are answered like ids that never existed. Every GET can be a HEAD.
                    """
                ),
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(JSONObject(WireSchema.all.map { ($0.name, $0.schema) })),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
                    "session": ["type": "apiKey", "in": "cookie", "name": JSON(Caller.sessionCookie)],
                    "csrf": ["type": "apiKey", "in": "header", "name": "X-CSRF-Token"],
                ],
            ],
        ]
    }

    private static func operation(_ route: Route) -> JSON {
        var operation: JSONObject = [
            "operationId": JSON(operationID(route)),
            "tags": [JSON(tag(route))],
            "summary": JSON(route.summary),
            "security": security(route),
        ]
        let parameters = parameters(route)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let content = content(route.body) { operation["requestBody"] = ["required": true, "content": content] }
        var responses = JSONObject()
        for answer in route.answers {
            let status = String(answer.status)
            var response = responses[status]?.object ?? ["description": JSON(meaning(of: answer.status))]
            if let schema = answer.schema {
                var content = response["content"]?.object ?? [:]
                content[answer.mediaType] = ["schema": WireSchema.reference(schema)]
                response["content"] = .object(content)
            }
            responses[status] = .object(response)
        }
        for (status, codes) in problems(route) { responses[status] = problem(codes) }
        operation["responses"] = .object(responses)
        return .object(operation)
    }

    private static func security(_ route: Route) -> JSON {
        switch route.access {
        case .open: []
        case .handshake: [[:], ["bearer": []], ["session": []]]
        case .signedIn, .action:
            route.method == .get
                ? [["bearer": []], ["session": []]] : [["bearer": []], ["session": [], "csrf": []]]
        }
    }

    private static func parameters(_ route: Route) -> [JSON] {
        var parameters: [JSON] = route.path.captures.map { name in
            [
                "name": JSON(name), "in": "path", "required": true,
                "schema": name == "id" ? WireSchema.id : WireSchema.text,
            ]
        }
        for parameter in route.parameters {
            parameters.append([
                "name": JSON(parameter.name), "in": JSON(parameter.place.rawValue),
                "description": JSON(parameter.summary), "schema": parameter.schema,
            ])
        }
        if route.isIdempotent {
            parameters.append([
                "name": "Idempotency-Key", "in": "header",
                "description": "The same key with the same content gives the same answer.",
                "schema": ["type": "string", "minLength": 1, "maxLength": 200],
            ])
        }
        return parameters
    }

    private static func content(_ body: Route.Body) -> JSON? {
        switch body {
        case .none: return nil
        case .json(let schema, let types):
            let media: JSON = ["schema": WireSchema.reference(schema)]
            return .object(JSONObject(types.map { ($0, media) }))
        case .upload:
            return .object(JSONObject(Call.uploadTypes.map { ($0, [:]) }))
        }
    }

    /// The codes a call can answer with, by status: its own and those of its kind.
    static func problems(_ route: Route) -> [(status: String, codes: [ProblemCode])] {
        var codes = Set(route.problems)
        codes.insert(.unavailable)
        if route.access != .open { codes.formUnion([.unauthenticated, .invalidToken, .tokenExpired, .sessionEnded]) }
        if case .action = route.access { codes.insert(.forbidden) }
        if route.method != .get, route.access != .open { codes.insert(.csrfFailed) }
        if !route.path.captures.isEmpty { codes.insert(.notFound) }
        if !route.parameters.isEmpty || route.isIdempotent { codes.insert(.invalidParameter) }
        if route.isIdempotent { codes.insert(.idempotencyMismatch) }
        switch route.body {
        case .none: break
        case .json: codes.formUnion([.malformedJSON, .invalidInput, .unsupportedMediaType, .contentTooLarge])
        case .upload: codes.formUnion([.invalidInput, .unsupportedMediaType, .contentTooLarge])
        }
        if route.path.text == "/healthz" || route.path.text == "/openapi.json" { codes = [] }
        let byStatus = Dictionary(grouping: codes) { String($0.meaning.status) }
        return byStatus.sorted { $0.key < $1.key }.map { status, codes in
            (status, codes.sorted { $0.rawValue < $1.rawValue })
        }
    }

    private static func problem(_ codes: [ProblemCode]) -> JSON {
        [
            "description": JSON(codes.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
            "content": ["application/problem+json": ["schema": WireSchema.reference("Problem")]],
        ]
    }

    private static func tag(_ route: Route) -> String {
        for segment in route.path.segments {
            if case .literal(let text) = segment, text != "v1" { return text }
        }
        return "system"
    }

    private static func operationID(_ route: Route) -> String {
        let parts = route.path.segments.map { segment in
            switch segment {
            case .literal(let text): text
            case .capture(let name): "by-\(name)"
            }
        }
        return ([route.method.rawValue.lowercased()] + parts).joined(separator: "-")
            .replacing(".", with: "-")
    }

    private static func meaning(of status: Int) -> String {
        HTTPResponse.Status(code: status).reasonPhrase
    }
}
