import Domain
import Locking

/// Commits writes of many flows together: what arrives while a commit is under way travels in the next one.
///
/// Flows are changed as they were last committed, so nothing is ever built on what may not come to be. The statement that
/// writes them looks whether each is still at the position it was changed at. One that is not, because another process
/// was first, is read and changed anew, and does not keep the others from being committed.
final class GroupCommit: Sendable {
    typealias Loan = CheckedContinuation<Void, any Error>
    typealias Queue = CommitQueue<BatchedWrite, Loan>
    /// Starts a task of its own.
    typealias Spawn = @Sendable (@escaping @Sendable () async -> Void) -> Void

    let store: any Store
    let publisher: any CommitPublisher
    let counters: LedgerCounters
    private let spawn: Spawn
    let queue: Mutex<Queue>
    private let cache: Mutex<FlowCache>
    private let lastLoan = Atomic<UInt64>(0)

    init(
        store: any Store,
        publisher: any CommitPublisher,
        counters: LedgerCounters,
        limits: Queue.Limits,
        cacheBytes: Int,
        spawn: @escaping Spawn
    ) {
        self.store = store
        self.publisher = publisher
        self.counters = counters
        self.spawn = spawn
        queue = Mutex(Queue(limits: limits))
        cache = Mutex(FlowCache(bytes: cacheBytes))
    }

    // MARK: Arrivals

    /// Has a write made, and returns once it is committed.
    /// - Throws: what `body` throws, ``LedgerError``, ``StoreError``.
    func write<Result: Sendable>(
        _ flow: FlowID,
        of tenant: TenantID,
        by actor: String,
        at now: Timestamp,
        _ body: @escaping @Sendable (inout FlowDraft) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let write = BatchedWrite(
                actor: actor,
                at: now,
                make: { draft in
                    let result = try draft.attempt(by: actor, at: now, body)
                    return { continuation.resume(returning: result) }
                },
                fail: { continuation.resume(throwing: $0) }
            )
            do throws(Queue.Full) {
                act(on: try queue.withLock { queue throws(Queue.Full) in try queue.add(write, to: flow, of: tenant) })
            } catch {
                continuation.resume(throwing: error.forStore)
            }
        }
    }

    /// Waits until nobody else in this process writes the flow, and keeps it until the loan is given back.
    /// - Throws: `CancellationError`, ``StoreError/unavailable(_:)``.
    func borrow(_ flow: FlowID, of tenant: TenantID) async throws {
        let id = lastLoan.add(1, ordering: .relaxed).newValue
        try Task.checkCancellation()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: Loan) in
                do throws(Queue.Full) {
                    act(
                        on: try queue.withLock { queue throws(Queue.Full) in
                            try queue.lend(flow, of: tenant, to: continuation, id: id)
                        }
                    )
                } catch {
                    return continuation.resume(throwing: error.forStore)
                }
                // Who was cancelled before this waited in the line is not known to it.
                if Task.isCancelled { abandon(flow, of: tenant, id: id) }
            }
        } onCancel: {
            abandon(flow, of: tenant, id: id)
        }
    }

    private func abandon(_ flow: FlowID, of tenant: TenantID, id: UInt64) {
        let (waiting, actions) = queue.withLock { $0.abandon(flow, of: tenant, id: id) }
        act(on: actions)
        waiting?.resume(throwing: CancellationError())
    }

    /// Writes that wait for their turn.
    var waiting: Int { queue.withLock { $0.waiting } }

    /// Gives a borrowed flow back.
    func giveBack(_ flow: FlowID, of tenant: TenantID) { act(on: queue.withLock { $0.giveBack(flow, of: tenant) }) }

    func act(on actions: Queue.Actions) {
        for loan in actions.lent { loan.resume() }
        for _ in 0..<actions.lanes { spawn { await self.runLane() } }
    }

    // MARK: What is known

    /// What is known of a flow, which may be out of date.
    func known(_ flow: FlowID, of tenant: TenantID) -> FlowRecord? {
        cache.withLock { $0.record(of: flow, of: tenant) }
    }

    /// Learns what was committed.
    func learn(_ record: FlowRecord, of tenant: TenantID, stateBytes: Int? = nil) {
        cache.withLock { $0.set(record, of: tenant, stateBytes: stateBytes) }
    }

    /// What is known of a flow is out of date.
    func forget(_ flow: FlowID, of tenant: TenantID) { cache.withLock { $0.forget(flow, of: tenant) } }

    // MARK: Lanes

    private func runLane() async {
        var given: Queue.Batch?
        while true {
            let (next, actions) = queue.withLock { $0.exchange(given) }
            act(on: actions)
            guard let next else { return }
            given = await TenantContext.with(next.tenant) { await commit(next) }
        }
    }
}

extension CommitQueue.Full {
    /// What callers are told. Nothing was done.
    var forStore: StoreError { .unavailable("\(limit) writes wait for the database already") }
}
