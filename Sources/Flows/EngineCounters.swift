import Locking

/// What an engine does, for its process's metrics.
public final class EngineCounters: Sendable {
    /// What is counted.
    public enum Event: Int, CaseIterable, Sendable {
        /// A flow was taken up under a lease.
        case taken
        /// A lease was found to be another process's.
        case lost
        /// A flow could not go on for now and is taken up anew.
        case dropped
        /// A body was begun.
        case begun
        /// A body came to a result.
        case done
        /// A body ends until what it waits for has come.
        case suspended
        /// A body failed, or took longer than it may.
        case failed
        /// A body ended in a way that says nothing about its step, which is begun again.
        case interrupted
        /// A body was not begun, for its step has failed too often lately.
        case postponed
    }

    private let counts = Mutex([Int](repeating: 0, count: Event.allCases.count))
    private let flows = Atomic(0)

    /// How often it happened.
    public subscript(event: Event) -> Int { counts.withLock { $0[event.rawValue] } }

    /// Flows that run here now.
    public var running: Int { flows.load(ordering: .relaxed) }

    func count(_ event: Event) { counts.withLock { $0[event.rawValue] += 1 } }

    func set(running: Int) { flows.store(running, ordering: .relaxed) }
}
