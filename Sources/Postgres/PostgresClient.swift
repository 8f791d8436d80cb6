import Locking
public import Reactor

/// A database, for use from any task: a pool of connections on every worker.
///
/// A call is served by the worker it comes from. Nothing is connected before the first use.
public final class PostgresClient: Sendable {
    let core: PostgresClientCore
    /// What its pools do.
    public var metrics: PostgresMetrics { core.metrics }
    /// The workers whose loops the connections live on.
    public let workers: WorkerGroup

    /// Creates the client.
    /// - Parameter blockingPool: resolves host names and sends cancel requests, which libpq can only do by blocking.
    public init(
        _ configuration: PostgresConfiguration,
        options: PostgresOptions = PostgresOptions(),
        workers: WorkerGroup,
        blockingPool: BlockingPool
    ) {
        self.workers = workers
        core = PostgresClientCore(configuration: configuration, options: options, blockingPool: blockingPool)
    }

    /// Runs `body` with a connection of its own and without a transaction: each statement is committed by itself.
    ///
    /// The session must not be used after `body` returns (it throws ``PostgresError/Kind/closed`` then), and must not leave
    /// settings, listeners or session locks behind.
    /// - Throws: ``PostgresError``, or what `body` throws.
    public func withConnection<Result>(_ body: (PostgresSession) async throws -> Result) async throws -> Result {
        try await withSession(inTransaction: false, body)
    }

    /// Runs `body` in a transaction on one connection: committed when it returns, rolled back when it throws.
    ///
    /// - Parameter setup: statements that run first, in one round trip with `BEGIN` and the first statement of `body`.
    /// - Throws: ``PostgresError``, or what `body` throws. A cancelled task's transaction is rolled back, unless its
    ///   `COMMIT` has been sent already: that one is waited for.
    public func transaction<Result>(
        isolation: PostgresIsolation = .readCommitted,
        readOnly: Bool = false,
        setup: [PostgresStatement] = [],
        _ body: (PostgresSession) async throws -> Result
    ) async throws -> Result {
        try await withSession(inTransaction: true) { session in
            let begin = "BEGIN ISOLATION LEVEL \(isolation.sql), READ \(readOnly ? "ONLY" : "WRITE")"
            try await session.begin([PostgresStatement(begin)] + setup)
            let result = try await body(session)
            try await session.commit()
            return result
        }
    }

    /// Refuses new calls, closes what is unused, and closes what is in use as it comes back.
    public func close() async {
        core.markClosed()
        for worker in workers.workers { await worker.closePool(core) }
    }

    private func withSession<Result>(
        inTransaction: Bool,
        _ body: (PostgresSession) async throws -> Result
    ) async throws -> Result {
        // The workers may have ended, and would never answer.
        guard !core.isClosed else { throw PostgresError(.closed) }
        let worker = workers.local
        let session = PostgresSession(
            worker: worker,
            core: core,
            lease: try await worker.acquireLease(core).get(),
            isInTransaction: inTransaction
        )
        do {
            let result = try await body(session)
            await release(session)
            return result
        } catch {
            await release(session)
            throw error
        }
    }

    private func release(_ session: PostgresSession) async {
        if core.isClosed {
            // The worker may have ended, and would never answer.
            session.worker.post { $0.releaseLease(session.lease, session.core) {} }
        } else {
            await session.worker.releaseLease(session.lease, core)
        }
    }
}

/// What a client's pools share.
final class PostgresClientCore: Sendable {
    let configuration: PostgresConfiguration
    let options: PostgresOptions
    let blockingPool: BlockingPool
    let metrics = PostgresMetrics()
    private let closed = Atomic(false)

    init(configuration: PostgresConfiguration, options: PostgresOptions, blockingPool: BlockingPool) {
        self.configuration = configuration
        self.options = options
        self.blockingPool = blockingPool
    }

    var isClosed: Bool { closed.load(ordering: .acquiring) }

    func markClosed() { closed.store(true, ordering: .releasing) }
}
