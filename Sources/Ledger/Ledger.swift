// Ledger: the one way a flow changes.
//
// What it is for: turning a command into one commit (new state, events with gap-free positions, journal, prompts, live
// lists, audit) and telling the streams only after that commit. It must never know who asked over which wire, what a step
// does or who is subscribed.

public import Domain

/// Takes what was committed to those who watch.
public protocol CommitPublisher: Sendable {
    /// Called once after each commit, from any thread. Must not block.
    func publish(_ committed: Committed)
}

/// Writes flows: every change of a flow, its prompts and its journal goes through ``write(_:in:by:at:_:)``.
///
/// The flow's row is locked for the length of the transaction, so writers of one flow are one after the other in every
/// process, and its positions have no gap.
public struct Ledger: Sendable {
    /// The database.
    public let store: any Store
    private let publisher: any CommitPublisher

    /// Creates a ledger that tells `publisher` of every commit.
    public init(store: any Store, publisher: any CommitPublisher) {
        self.store = store
        self.publisher = publisher
    }

    /// Stores a new flow and runs `body` on it in the same transaction.
    /// - Throws: ``StoreError``, or what `body` throws; nothing is stored then.
    public func create<Result: Sendable>(
        _ flow: Flow,
        in tenant: TenantID,
        by actor: String,
        _ body: @Sendable (FlowWriter) async throws -> Result
    ) async throws -> Result {
        let (result, committed) = try await store.transaction(as: tenant) { transaction in
            try await transaction.flows.insert(flow)
            let writer = FlowWriter(
                transaction: transaction,
                flow: flow,
                steps: [],
                prompts: [],
                isNew: true,
                actor: actor,
                now: flow.createdAt
            )
            let result = try await body(writer)
            return (result, try await writer.finish())
        }
        publisher.publish(committed)
        return result
    }

    /// Runs `body` on the flow as it is now and commits what it changed.
    ///
    /// `body` may run again when the database asks for it, so it must have no effect but through the writer.
    /// - Throws: ``LedgerError/noSuchFlow``, ``StoreError``, or what `body` throws; nothing is changed then.
    public func write<Result: Sendable>(
        _ id: FlowID,
        in tenant: TenantID,
        by actor: String,
        at now: Timestamp = .now(),
        _ body: @Sendable (FlowWriter) async throws -> Result
    ) async throws -> Result {
        let (result, committed) = try await store.transaction(as: tenant) { transaction in
            guard let flow = try await transaction.flows.find(id, locked: true) else { throw LedgerError.noSuchFlow }
            let prompts = try await transaction.prompts.list(
                flow: id,
                status: nil,
                pendingOnly: true,
                limit: FlowWriter.maximumOpenPrompts + 1,
                cursor: nil
            )
            let writer = FlowWriter(
                transaction: transaction,
                flow: flow,
                steps: try await transaction.flows.steps(of: id),
                prompts: prompts?.items ?? [],
                isNew: false,
                actor: actor,
                now: now
            )
            let result = try await body(writer)
            return (result, try await writer.finish())
        }
        publisher.publish(committed)
        return result
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
