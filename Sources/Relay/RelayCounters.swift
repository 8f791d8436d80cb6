import Locking

/// What has happened to the messages of a relay since it began, for metrics.
public final class RelayCounters: Sendable {
    /// What is counted.
    public enum Event: Int, CaseIterable, Sendable {
        /// A commit of another process was taken.
        case taken
        /// A commit was larger than a message may be, and was not sent.
        case tooLarge
        /// A message was not what it should be, and was passed over.
        case malformed
        /// A message was of a version that is not known here, and was passed over.
        case unknownVersion
    }

    private let counts = Mutex([Int](repeating: 0, count: Event.allCases.count))

    /// How often it happened.
    public subscript(event: Event) -> Int { counts.withLock { $0[event.rawValue] } }

    func count(_ event: Event) { counts.withLock { $0[event.rawValue] += 1 } }
}
