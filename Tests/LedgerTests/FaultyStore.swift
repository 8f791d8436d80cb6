import Domain
import Locking
import TestSupport

/// The real store behind a line that can lose what it carries, as the caller of a commit sees it.
struct FaultyStore: Store {
    /// What becomes of the next commit of several flows.
    enum Fault: Sendable {
        /// It happens, and its answer is lost.
        case loseAnswer
        /// It does not happen, and nobody says so.
        case loseRequest
        /// It arrives just before the commit after it, whoever makes that.
        case delay
        /// It is refused, whatever is in it.
        case fail(StoreError)
        /// It waits here until the gate opens.
        case wait(Gate)
    }

    private struct State {
        var faults: [Fault] = []
        var delayed: [@Sendable () async throws -> Void] = []
        var commits = 0
    }

    let store: any Store
    private let state = Box(State())

    /// The next commits meet these, one each.
    func meet(_ faults: Fault...) { state.value.withLock { $0.faults += faults } }

    /// Commits of several flows that were asked for so far.
    var commits: Int { state.value.withLock { $0.commits } }

    func transaction<Result: Sendable>(
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await store.transaction(mode, body)
    }

    func commit(_ changes: [FlowChange], as id: CommitID) async throws -> CommitReceipt {
        let (fault, delayed) = state.value.withLock { state in
            state.commits += 1
            defer { state.delayed = [] }
            return (state.faults.isEmpty ? nil : state.faults.removeFirst(), state.delayed)
        }
        for commit in delayed { try await commit() }
        switch fault {
        case nil:
            break
        case .loseAnswer:
            _ = try await store.commit(changes, as: id)
            throw StoreError.unknownOutcome("lost")
        case .loseRequest:
            throw StoreError.unknownOutcome("lost")
        case .delay:
            let tenant = try TenantContext.current
            state.value.withLock { state in
                state.delayed.append { [store] in
                    _ = try await TenantContext.with(tenant) { try await store.commit(changes, as: id) }
                }
            }
            throw StoreError.unknownOutcome("lost")
        case .fail(let error):
            throw error
        case .wait(let gate):
            await gate.pass()
        }
        return try await store.commit(changes, as: id)
    }
}

/// Something that copies share.
final class Box<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}
