import Reactor

/// The shares of one loop in the servers of the process, so that several servers can run on the same workers.
final class ServerStates {
    /// Names a server.
    final class Token: Sendable {}

    private var states: [ObjectIdentifier: ServerState] = [:]

    subscript(token: Token) -> ServerState? {
        get { states[ObjectIdentifier(token)] }
        set { states[ObjectIdentifier(token)] = newValue }
    }
}

extension Worker {
    /// This loop's share of a server.
    func serverState(_ token: ServerStates.Token) -> ServerState? { attachment(ServerStates.self)?[token] }

    /// Begins this loop's share of a server on `sockets`, which it takes over.
    func serve(_ token: ServerStates.Token, on sockets: [ListeningSocket], _ shared: SharedState) throws(SystemError) {
        let state = ServerState(shared)
        try state.listen(on: sockets, worker: self, loop: loop)
        if attachment(ServerStates.self) == nil { attach(ServerStates()) }
        attachment(ServerStates.self)?[token] = state
    }
}
