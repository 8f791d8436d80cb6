import Reactor

/// What a ``PostgresListener`` tells.
public enum PostgresListenerEvent: Sendable, Equatable {
    /// The connection is made and its statements have run; the first time and after every loss.
    case connected
    /// Another session's `NOTIFY`.
    case notification(channel: String, payload: String)
    /// The server does not answer; the connection may still come round.
    case silent
    /// The server answers again.
    case answering
    /// The connection was lost or could not be made; the next attempt follows by itself.
    case disconnected(PostgresError)
}

/// A connection of its own that stays with the server: it listens, and holds what lives as long as a session.
///
/// It reconnects by itself with backoff. By a query every second it notices a server or network that does not answer, says so
/// after one and a half, and gives the connection up after ten: what lives as long as the session should outlive a hiccup.
/// It runs on the first worker.
public final class PostgresListener: Sendable {
    private let core: PostgresClientCore
    private let worker: Worker

    /// Creates the listener; nothing happens before ``start(setup:handler:)``.
    public init(_ client: PostgresClient) {
        core = client.core
        worker = client.workers.workers[0]
    }

    /// Begins to connect.
    /// - Parameters:
    ///   - setup: statements each new connection runs after the client's own, as one transaction: `LISTEN …`.
    ///   - handler: called on the worker's thread; must not block.
    public func start(setup: [PostgresStatement], handler: @escaping @Sendable (PostgresListenerEvent) -> Void) {
        let key = ObjectIdentifier(self)
        worker.post { [core] in $0.startListening(core, key: key, setup: setup, handler: handler) }
    }

    /// Ends the connection; nothing is told after that.
    public func close() async { await worker.stopListening(ObjectIdentifier(self)) }
}

extension Worker {
    fileprivate func startListening(
        _ core: PostgresClientCore,
        key: ObjectIdentifier,
        setup: [PostgresStatement],
        handler: @escaping @Sendable (PostgresListenerEvent) -> Void
    ) {
        let registry = postgres
        guard registry.listeners[key] == nil else { return }
        let listening = ListeningConnection(core, registry: registry, setup: setup, handler: handler)
        registry.listeners[key] = listening
        listening.connect()
    }

    fileprivate func stopListening(_ key: ObjectIdentifier) {
        postgres.listeners.removeValue(forKey: key)?.close()
    }
}

/// The part of a ``PostgresListener`` that lives on the loop.
final class ListeningConnection {
    private let core: PostgresClientCore
    private unowned let registry: PostgresRegistry
    private let setup: [PostgresStatement]
    private let handler: @Sendable (PostgresListenerEvent) -> Void
    private var connection: PostgresConnection?
    private var backoff: Backoff
    private var isClosed = false

    private static let interval = Duration.seconds(1)
    private static let patience = Duration.milliseconds(1500)
    private static let deadline = Duration.seconds(10)

    init(
        _ core: PostgresClientCore,
        registry: PostgresRegistry,
        setup: [PostgresStatement],
        handler: @escaping @Sendable (PostgresListenerEvent) -> Void
    ) {
        self.core = core
        self.registry = registry
        self.setup = setup
        self.handler = handler
        backoff = Backoff(from: core.options.shortestBackoff, to: core.options.longestBackoff)
    }

    func connect() {
        guard !isClosed else { return }
        registry.open(core, setup: core.options.setup + setup) { [weak self] in self?.connected($0) }
    }

    func close() {
        isClosed = true
        connection.take()?.close()
    }

    private func connected(_ result: Result<PostgresConnection, PostgresError>) {
        switch result {
        case .success(let connection):
            guard !isClosed else { return connection.close() }
            backoff.reset()
            self.connection = connection
            connection.onLoss = { [weak self] in self?.lost($0) }
            let handler = self.handler
            connection.onNotification = { handler(.notification(channel: $0, payload: $1)) }
            handler(.connected)
            scheduleHeartbeat(of: connection)
        case .failure(let error):
            lost(error)
        }
    }

    private func lost(_ error: PostgresError) {
        connection = nil
        guard !isClosed, error.kind != .closed else { return }
        handler(.disconnected(error))
        registry.loop.schedule(after: backoff.next()) { [weak self] in self?.connect() }
    }

    private func scheduleHeartbeat(of connection: PostgresConnection) {
        connection.loop.schedule(after: Self.interval) { [weak self, weak connection] in
            guard let self, let connection, connection === self.connection else { return }
            beat(on: connection)
        }
    }

    private func beat(on connection: PostgresConnection) {
        var isSilent = false
        let alarm = connection.loop.schedule(after: Self.patience) { [handler] in
            isSilent = true
            handler(.silent)
        }
        let request = PostgresRequest(
            id: registry.nextToken(),
            content: .batch([PostgresStatement("SELECT 1")]),
            mayCommit: false,
            deadline: Self.deadline
        ) { [weak self, weak connection] result in
            guard let self, let connection else { return }
            connection.loop.cancel(alarm)
            guard case .success = result else { return }
            if isSilent { handler(.answering) }
            scheduleHeartbeat(of: connection)
        }
        connection.submit(request)
    }
}
