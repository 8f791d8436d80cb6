// Ledger: the one way a flow changes.
//
// What it is for: turning a command into one commit (new state, events with gap-free positions, journal, prompts, live
// lists, audit) and telling the streams only after that commit. It must never know who asked over which wire, what a step
// does or who is subscribed.

public import Domain
import Locking

/// Takes what was committed to those who watch.
public protocol CommitPublisher: Sendable {
    /// Called once after each commit, from any thread. Must not block.
    func publish(_ committed: Committed)
}

/// Writes flows: every change of a flow, its prompts and its journal goes through here.
///
/// Writers of one flow are one after the other in the order they came. In this process that is a queue; between processes
/// it is the flow's row, whose version every commit checks. So positions have no gap and no double.
public struct Ledger: Sendable {
    /// The database.
    public let store: any Store
    private let publisher: any CommitPublisher
    /// One for each database: who writes to one that is away keeps nobody else waiting.
    private let groups: [GroupCommit]
    /// What has happened so far.
    public let counters = LedgerCounters()

    /// What is held and done at once.
    public struct Limits: Sendable {
        /// Commits of several flows under way at once, at least 2; in each database.
        public var commits = 4
        /// Bytes of states that are kept to be written again, in serialised form; of all databases together.
        public var cacheBytes = 64 << 20

        /// Creates the defaults.
        public init() {}
    }

    /// Creates a ledger that tells `publisher` of every commit.
    /// - Parameter spawn: starts a task of its own that commits, on an executor of the caller's choice.
    public init(
        store: any Store,
        publisher: any CommitPublisher,
        limits: Limits = Limits(),
        spawn: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) {
        self.store = store
        self.publisher = publisher
        var lanes = GroupCommit.Queue.Limits()
        lanes.lanes = max(2, limits.commits)
        lanes.lanesPerTenant = lanes.lanes - 1
        let counters = counters
        groups = (0..<store.places).map { _ in
            GroupCommit(
                store: store,
                publisher: publisher,
                counters: counters,
                limits: lanes,
                cacheBytes: limits.cacheBytes / store.places,
                spawn: spawn
            )
        }
    }

    private func group(_ tenant: TenantID) -> GroupCommit { groups[store.place(of: tenant)] }

    /// Writes that wait for their turn.
    public var waiting: Int { groups.reduce(0) { $0 + $1.waiting } }

    /// Runs `body` on the flow as it was last committed, and commits what it changed together with other writes of this
    /// moment. For changes of state and events: nothing else is stored in the same commit.
    ///
    /// `body` may run again, so it must have no effect but through the draft. What it throws concerns no other write. Once
    /// it is in the queue it is carried out, also when the calling task is cancelled.
    /// - Throws: ``LedgerError/noSuchFlow``, ``StoreError``, `NoTenant`, or what `body` throws; nothing is changed then.
    public func change<Result: Sendable>(
        _ id: FlowID,
        by actor: String,
        at now: Timestamp = .now(),
        _ body: @escaping @Sendable (inout FlowDraft) throws -> Result
    ) async throws -> Result {
        let tenant = try TenantContext.current
        return try await group(tenant).write(id, of: tenant, by: actor, at: now, body)
    }

    /// Stores a new flow and runs `body` on it in the same transaction.
    /// - Throws: ``StoreError``, `NoTenant`, or what `body` throws; nothing is stored then.
    public func create<Result: Sendable>(
        _ flow: Flow,
        by actor: String,
        _ body: @Sendable (FlowWriter) async throws -> Result
    ) async throws -> Result {
        try await commit(flow.id, of: try TenantContext.current) { transaction, id in
            try await transaction.flows.insert(flow)
            let record = FlowRecord(flow: flow, commit: nil, steps: [], openPrompts: [])
            let writer = FlowWriter(
                transaction: transaction,
                record: record,
                isNew: true,
                actor: actor,
                now: flow.createdAt
            )
            return Outcome(result: try await body(writer), written: try await writer.finish(as: id))
        }
    }

    /// Runs `body` on the flow as it is now, in a transaction of its own, and commits what it changed.
    ///
    /// `body` may run again when the database asks for it, so it must have no effect but through the writer.
    /// - Throws: ``LedgerError/noSuchFlow``, ``StoreError``, `NoTenant`, or what `body` throws; nothing is changed then.
    public func write<Result: Sendable>(
        _ id: FlowID,
        by actor: String,
        at now: Timestamp = .now(),
        _ body: @Sendable (FlowWriter) async throws -> Result
    ) async throws -> Result {
        let tenant = try TenantContext.current
        // Kept: a tenant that is moved meanwhile has another one afterwards.
        let group = group(tenant)
        try await group.borrow(id, of: tenant)
        defer { group.giveBack(id, of: tenant) }
        return try await commit(id, of: tenant) { transaction, commit in
            guard let record = try await lock(id, transaction) else { throw LedgerError.noSuchFlow }
            let writer = FlowWriter(transaction: transaction, record: record, isNew: false, actor: actor, now: now)
            return Outcome(result: try await body(writer), written: try await writer.finish(as: commit))
        }
    }

    /// Locks a flow, and reads it unless it is known already.
    private func lock(_ id: FlowID, _ transaction: any StoreTransaction) async throws -> FlowRecord? {
        if let known = group(transaction.tenant).known(id, of: transaction.tenant) {
            guard let version = try await transaction.flows.lock(id) else { return nil }
            if version == known.version { return known }
        }
        return try await transaction.flows.records(of: [id], locked: true).first
    }
}

// MARK: Commits whose answer is lost

extension Ledger {
    private struct Outcome<Result: Sendable>: Sendable {
        let result: Result
        let written: (committed: Committed, record: FlowRecord)
    }

    /// Runs a transaction that writes one flow, tells of it, and gives its result. Where the answer to its commit is lost, the
    /// database is asked whether it happened; it is run again when it did not.
    private func commit<Result: Sendable>(
        _ flow: FlowID,
        of tenant: TenantID,
        _ body: @Sendable (any StoreTransaction, CommitID) async throws -> Outcome<Result>
    ) async throws -> Result {
        var doubts: [(mark: CommitMark, outcome: Outcome<Result>)] = []
        while true {
            let id = CommitID.generate()
            let made = Mutex<Outcome<Result>?>(nil)
            do {
                let outcome = try await store.transaction { transaction in
                    let outcome = try await body(transaction, id)
                    made.withLock { $0 = outcome }
                    return outcome
                }
                return told(outcome, tenant)
            } catch {
                if case StoreError.unknownOutcome = error {
                    guard let outcome = made.withLock(\.self), let first = outcome.written.committed.events.first else {
                        throw error
                    }
                    counters.count(.lost)
                    doubts.append((CommitMark(flow: flow, seq: first.seq, commit: id), outcome))
                } else if doubts.isEmpty {
                    throw error
                }
                group(tenant).forget(flow, of: tenant)
                let happened = try await lookUp(doubts.map(\.mark), flow)
                if let found = doubts.first(where: { happened.contains($0.mark) }) {
                    counters.count(.found)
                    return told(found.outcome, tenant)
                }
                guard case StoreError.unknownOutcome = error else { throw error }
            }
        }
    }

    private func told<Result>(_ outcome: Outcome<Result>, _ tenant: TenantID) -> Result {
        counters.count(.committed)
        counters.count(.changed)
        group(tenant).learn(outcome.written.record, of: tenant)
        publisher.publish(outcome.written.committed)
        return outcome.result
    }

    /// Which of these commits happened. None of the others ever will: the flow's row is locked by a commit that is still under
    /// way, so that this waits for its end.
    /// - Throws: ``StoreError/unknownOutcome(_:)`` when the database does not say so in time.
    private func lookUp(_ marks: [CommitMark], _ flow: FlowID) async throws -> Set<CommitMark> {
        let deadline = ContinuousClock.now + LookUp.patience
        while true {
            do {
                return try await store.transaction { transaction in
                    _ = try await transaction.flows.lock(flow)
                    return try await transaction.flows.happened(marks)
                }
            } catch {
                guard ContinuousClock.now < deadline, !Task.isCancelled else {
                    throw StoreError.unknownOutcome("the database did not say what became of the change")
                }
                try? await Task.sleep(for: LookUp.pause)
            }
        }
    }
}

/// Why the ledger refused a change.
public enum LedgerError: Error, Equatable, Sendable {
    /// No such flow in this tenant.
    case noSuchFlow
    /// The flow moved while nobody else could hold its lock: its row was changed behind the ledger's back.
    case conflict
    /// A flow's state must be a JSON object.
    case stateIsNotAnObject
    /// The state would be larger than it may be.
    case stateTooLarge(bytes: Int, limit: Int)
    /// The flow has as many open prompts as it may have.
    case tooManyOpenPrompts(limit: Int)
    /// The flow has ended.
    case flowHasEnded(FlowStatus)
    /// The flow is not at the position the caller expects.
    case moved(seq: Int64)
}
