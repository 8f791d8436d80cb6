import Domain
import HTTP
import HTTPTypes
import Server
import WebSocket

extension Route {
    static let webSocket: [Route] = [
        Route(
            .get,
            "/v1/ws",
            .handshake,
            "Opens a WebSocket with the subprotocol `signalbox.v1`; see the AsyncAPI document.",
            answers: [Answer(101)],
            problems: [.unauthenticated, .originNotAllowed, .upgradeRequired]
        ) { try await $0.openWebSocket() }
    ]
}

extension Call {
    static let subprotocol = "signalbox.v1"

    /// Accepts a handshake. A bearer token or a session cookie says who it is; without either the first message has to.
    fileprivate func openWebSocket() async throws -> Response {
        let handshake: HandshakeRequest
        do {
            handshake = try HandshakeRequest(head)
        } catch {
            var problem =
                switch error.status {
                case .upgradeRequired: Problem(.upgradeRequired)
                case .methodNotAllowed: Problem(.methodNotAllowed)
                default: Problem(.badRequest)
                }
            problem.headers = error.response.headers
            throw problem
        }
        let chosen = handshake.chooseSubprotocol(from: [Self.subprotocol])
        guard chosen != nil || handshake.subprotocols.isEmpty else {
            throw Problem(.badRequest, "The only subprotocol is \(Self.subprotocol).")
        }
        let caller = try await Caller.find(request, services, now: now)
        if case .cookie = caller?.proof, !isAllowed(handshake.origin) { throw Problem(.originNotAllowed) }
        let (services, proof) = (self.services, caller?.proof)
        let response = handshake.accepting(subprotocol: chosen)
        return Response(
            status: response.status,
            headers: response.headers,
            body: .webSocket(
                WebSocketUpgrade(offers: handshake.extensions) { worker, channel in
                    RPCSession(services, worker, channel, opener: proof)
                }
            )
        )
    }

    /// Whether a page of this origin may use the cookie: the server's own pages, and those that were allowed. A browser
    /// sends the cookie along whatever page asks, and always says which one did.
    private func isAllowed(_ origin: String?) -> Bool {
        guard let origin else { return false }
        if services.configuration.allowedOrigins.contains(origin) { return true }
        guard let authority = head.authority else { return false }
        // Behind a proxy that ends TLS a page of ours is https although the connection is not.
        let schemes = request.tls == nil ? ["http://", "https://"] : ["https://"]
        return schemes.contains { origin.lowercased() == $0 + authority.lowercased() }
    }
}
