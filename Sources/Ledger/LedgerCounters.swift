import Locking

/// What a ledger does, for its process's metrics.
public final class LedgerCounters: Sendable {
    /// What is counted.
    public enum Event: Int, CaseIterable, Sendable {
        /// A commit of one or several flows.
        case committed
        /// A flow's changes within one of these.
        case changed
        /// A flow was not where it was expected: another process had been first.
        case overtaken
        /// The answer to a commit was lost.
        case lost
        /// A commit whose answer was lost turned out to have happened.
        case found
    }

    private let counts = Mutex([Int](repeating: 0, count: Event.allCases.count))

    /// How often it happened.
    public subscript(event: Event) -> Int { counts.withLock { $0[event.rawValue] } }

    func count(_ event: Event, _ amount: Int = 1) { counts.withLock { $0[event.rawValue] += amount } }
}
