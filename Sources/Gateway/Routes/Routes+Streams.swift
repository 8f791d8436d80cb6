import Domain
import HTTP
import HTTPTypes
import Identity
import JSON
import Server
import Streams

extension Route {
    static let streams: [Route] = [
        Route(
            .get,
            "/v1/streams/{stream}",
            .signedIn,
            "A stream without a WebSocket: server-sent events, or a long poll for what follows a position.",
            parameters: [
                .query("since", ["type": "string"], "The position that is held, `<epoch>:<seq>`."),
                .header("Last-Event-ID", "The same, for an event stream that goes on; it comes first."),
                .query(
                    "wait",
                    ["type": "integer", "minimum": 0, "maximum": JSON(Call.maximumWait), "default": 0],
                    "How many seconds the answer of a long poll may wait for news."
                ),
                .choice(
                    "status",
                    FlowStatus.allCases.map(\.rawValue),
                    "Of the list of flows, only those in this status."
                ),
                .text("type", "Of the list of flows, only those of this type."),
            ],
            answers: [
                Answer(200, "StreamPage"), Answer(200, "NotificationText", as: MediaType.eventStream.essence),
            ],
            problems: [.notAcceptable, .unavailable]
        ) { try await $0.showStream() }
    ]
}

extension Call {
    fileprivate func showStream() async throws -> Response {
        guard let name = captures["stream"].flatMap({ StreamName($0) }) else { throw Problem(.notFound) }
        let principal = try principal()
        guard principal.mayRead(name) else { throw Problem(.forbidden) }
        let attach = AttachRequest(
            tenant: principal.tenant.id,
            stream: name,
            since: try lastEvent() ?? query("since").map { try Self.position($0, "since") },
            filter: try filter(of: name, principal)
        )
        let wait = try number("wait", in: 0...Int64(Self.maximumWait)) ?? 0
        switch try head.accept().best(of: [.json, .eventStream]) {
        case .some(.eventStream):
            try await requireStream(name)
            return try eventStream(attach, form: .notifications)
        case .some:
            let limit = Duration.seconds(head.method == .head ? 0 : wait)
            var page = try await request.worker.poll(attach, within: limit).get()
            guard try await presentPrincipal().mayRead(name) else { throw Problem(.forbidden) }
            let status = services.status.now.status(for: principal.tenant)
            try page.set(JSON(status.rawValue), at: JSONPointer(tokens: ["service"]))
            return .json(page)
        case nil:
            throw Problem(.notAcceptable, "There are application/json and text/event-stream.")
        }
    }

    /// A stream of events has begun when it turns out that there is no such flow: it is looked for before.
    private func requireStream(_ name: StreamName) async throws {
        guard case .flow(let id) = name else { return }
        guard try await read({ try await $0.flows.find(id, locked: false) }) != nil else { throw Problem(.notFound) }
    }

    private func filter(of name: StreamName, _ principal: Principal) throws -> ViewFilter? {
        switch name {
        case .flow: nil
        case .prompts: .prompts(subject: principal.subject, roles: principal.roles)
        case .flows: .flows(status: try choice("status", FlowStatus.self), type: try query("type"))
        }
    }
}
