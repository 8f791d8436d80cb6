import HTTP
import HTTPTypes
import JSON
import Server

extension Response {
    /// A JSON answer of the API, which no cache may keep.
    static func json(
        _ value: JSON,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = HTTPFields()
    ) -> Response {
        var headers = headers
        headers[.contentType] = MediaType.json.description
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: .bytes(value.serialized()))
    }

    /// A page of a list.
    static func page(_ items: [JSON], next: String?, extra: JSONObject = [:]) -> Response {
        var object: JSONObject = ["items": .array(items), "next_cursor": next.map { JSON($0) } ?? .null]
        for (key, value) in extra { object[key] = value }
        return .json(.object(object))
    }

    /// An answer without content.
    static var empty: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }

    /// A refusal, as RFC 9457 writes it.
    init(_ problem: Problem) {
        var headers = problem.headers
        headers[.contentType] = MediaType.problem.description
        headers[.cacheControl] = "no-store"
        self.init(
            status: HTTPResponse.Status(code: problem.code.meaning.status),
            headers: headers,
            body: .bytes(problem.json.serialized())
        )
    }
}

extension HTTPFields {
    /// What every response says to browsers: nothing from elsewhere, nothing framed, nothing guessed.
    mutating func addSecurity() {
        self[.contentSecurityPolicy] = """
            default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
            object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'
            """
        self[.xContentTypeOptions] = "nosniff"
        self[.referrerPolicy] = "no-referrer"
        self[.crossOriginOpenerPolicy] = "same-origin"
        self[.permissionsPolicy] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    }
}
