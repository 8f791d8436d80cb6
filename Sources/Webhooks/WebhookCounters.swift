import Locking

/// What became of messages, for its process's metrics.
public final class WebhookCounters: Sendable {
    /// What is counted.
    public enum Event: Int, CaseIterable, Sendable {
        /// A receiver took a message.
        case delivered
        /// An attempt failed, and another one will be made.
        case failed
        /// A delivery was given up.
        case dead
        /// A receiver wants nothing any more: its webhook was switched off.
        case gone
    }

    private let counts = Mutex([Int](repeating: 0, count: Event.allCases.count))

    /// How often it happened.
    public subscript(event: Event) -> Int { counts.withLock { $0[event.rawValue] } }

    func count(_ event: Event) { counts.withLock { $0[event.rawValue] += 1 } }
}
