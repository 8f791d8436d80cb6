import CPQ
import Reactor

/// The connections of one client on one worker.
///
/// Callers wait in order. A connection that fails leaves the pool at once (an idle one too: its socket is watched), and
/// one that comes back within a transaction is rolled back before anybody else gets it.
final class PostgresPool {
    private struct Waiter {
        let id: UInt64
        let timer: TimerID
        let began: ContinuousClock.Instant
        let completion: (Result<UInt64, PostgresError>) -> Void
    }

    private let core: PostgresClientCore
    private unowned let registry: PostgresRegistry
    private let loop: EventLoop
    private var idle: [PostgresConnection] = [] {
        didSet { core.metrics.move(.idle, to: idle.count, &shownIdle) }
    }
    private var leases: [UInt64: PostgresConnection] = [:] {
        didSet { core.metrics.move(.leased, to: leases.count, &shownLeased) }
    }
    /// Connections that are being made or rolled back.
    private var underway = 0
    private var waiters: [Waiter] = [] {
        didSet { core.metrics.move(.waiting, to: waiters.count, &shownWaiting) }
    }
    /// This pool's part of the client's figures: what is observed with its old value would be copied at every change.
    private var (shownIdle, shownLeased, shownWaiting) = (0, 0, 0)
    private var backoff: Backoff
    private var retryTimer: TimerID?
    /// Why the last attempt to connect failed; nil after a success.
    private var lastFailure: PostgresError?
    private var isClosed = false

    init(core: PostgresClientCore, registry: PostgresRegistry) {
        self.core = core
        self.registry = registry
        loop = registry.loop
        backoff = Backoff(from: core.options.shortestBackoff, to: core.options.longestBackoff)
    }

    /// Lends a connection: `completion` gets the lease, at once or when it is the caller's turn.
    func acquire(_ id: UInt64, completion: @escaping (Result<UInt64, PostgresError>) -> Void) {
        guard !isClosed else { return completion(.failure(PostgresError(.closed))) }
        if waiters.isEmpty, let connection = idle.popLast() { return completion(.success(lease(connection))) }
        let limit = core.options.waitersPerWorker
        guard waiters.count < limit else {
            core.metrics.add(.refused)
            return completion(
                .failure(PostgresError(.poolExhausted, "\(limit) callers wait for a database connection already"))
            )
        }
        let timer = loop.schedule(after: core.options.waitDeadline) { [weak self] in self?.expire(id) }
        waiters.append(Waiter(id: id, timer: timer, began: .now, completion: completion))
        grow()
    }

    /// Ends the wait of a caller that was cancelled; does nothing when it has its lease already.
    func abandon(_ id: UInt64) { remove(waiter: id)?.completion(.failure(PostgresError(.cancelled))) }

    /// Whether it is closed and has nothing to take back.
    var isDone: Bool { isClosed && leases.isEmpty }

    /// The connection behind a lease, nil once the lease has ended.
    func connection(for lease: UInt64) -> PostgresConnection? { leases[lease] }

    /// Takes a connection back; `completion` is called when a transaction that was open is rolled back.
    func release(_ lease: UInt64, completion: @escaping () -> Void) {
        guard let connection = leases.removeValue(forKey: lease) else { return completion() }
        guard connection.phase == .ready, !connection.isBusy, !isClosed else {
            connection.close()
            grow()
            return completion()
        }
        // A transaction in which nothing was done has not begun.
        connection.preamble = []
        switch connection.transactionStatus {
        case PQTRANS_IDLE:
            makeIdle(connection)
            completion()
        case PQTRANS_INTRANS, PQTRANS_INERROR:
            rollBack(connection, completion: completion)
        default:
            connection.close()
            grow()
            completion()
        }
    }

    /// Closes what is unused now and what is in use as it comes back; refuses everybody else.
    func close() {
        isClosed = true
        if let timer = retryTimer.take() { loop.cancel(timer) }
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            loop.cancel(waiter.timer)
            waiter.completion(.failure(PostgresError(.closed)))
        }
        let unused = idle
        idle = []
        unused.forEach { $0.close() }
    }

    /// The worker ends: nobody will serve those who still wait.
    func workerEnded() {
        core.markClosed()
        close()
    }

    private func lease(_ connection: PostgresConnection) -> UInt64 {
        let lease = registry.nextToken()
        leases[lease] = connection
        return lease
    }

    private func makeIdle(_ connection: PostgresConnection) {
        if isClosed { return connection.close() }
        guard !waiters.isEmpty else { return idle.append(connection) }
        let waiter = waiters.removeFirst()
        loop.cancel(waiter.timer)
        core.metrics.add(.waited)
        core.metrics.add(.waitedMicroseconds, Int((ContinuousClock.now - waiter.began) / .microseconds(1)))
        waiter.completion(.success(lease(connection)))
    }

    private func rollBack(_ connection: PostgresConnection, completion: @escaping () -> Void) {
        underway += 1
        let request = PostgresRequest(
            id: registry.nextToken(),
            content: .batch([PostgresStatement("ROLLBACK")]),
            mayCommit: false,
            deadline: core.options.answerDeadline
        ) { [weak self] result in
            if let self {
                underway -= 1
                if case .success = result { makeIdle(connection) } else { connection.close() }
                grow()
            } else {
                connection.close()
            }
            completion()
        }
        connection.submit(request)
    }

    /// Makes as many connections as there are callers to serve, within the limit.
    private func grow() {
        guard !isClosed, retryTimer == nil else { return }
        let limit = max(1, core.options.connectionsPerWorker)
        while underway < waiters.count, idle.count + leases.count + underway < limit { connect() }
    }

    private func connect() {
        underway += 1
        registry.open(core, setup: core.options.setup) { [weak self] result in
            // A connection that outlives its pool has nobody to serve.
            if let self { connected(result) } else if case .success(let connection) = result { connection.close() }
        }
    }

    private func connected(_ result: Result<PostgresConnection, PostgresError>) {
        underway -= 1
        switch result {
        case .success(let connection):
            core.metrics.add(.connected)
            backoff.reset()
            lastFailure = nil
            connection.onLoss = { [weak self, weak connection] _ in self?.lost(connection) }
            makeIdle(connection)
        case .failure(let error):
            core.metrics.add(.notConnected)
            lastFailure = error
            guard !isClosed, retryTimer == nil else { return }
            retryTimer = loop.schedule(after: backoff.next()) { [weak self] in
                self?.retryTimer = nil
                self?.grow()
            }
        }
    }

    private func lost(_ connection: PostgresConnection?) {
        core.metrics.add(.lost)
        idle.removeAll { $0 === connection }
        grow()
    }

    private func expire(_ id: UInt64) {
        guard let waiter = remove(waiter: id) else { return }
        core.metrics.add(.refused)
        waiter.completion(.failure(lastFailure ?? PostgresError(.poolExhausted)))
    }

    private func remove(waiter id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        loop.cancel(waiters[index].timer)
        return waiters.remove(at: index)
    }
}
