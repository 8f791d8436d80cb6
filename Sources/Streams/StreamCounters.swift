import Locking

/// What has happened to the subscriptions of a process since it began, for its metrics.
public final class StreamCounters: Sendable {
    /// What is counted.
    public enum Event: Int, CaseIterable, Sendable {
        /// A subscription went on from the position of its client.
        case resumed
        /// A subscription began with the document.
        case begun
        /// A client's document was not the server's, and was sent anew.
        case resynchronised
        /// A subscriber fell so far behind that the document took the place of what it had missed.
        case replaced
        /// Several entries were folded into one.
        case conflated
        /// Documents were read from the database.
        case documentRead
        /// Entries were read from the database.
        case entriesRead
    }

    private let counts = Mutex([Int](repeating: 0, count: Event.allCases.count))

    /// How often it happened.
    public subscript(event: Event) -> Int { counts.withLock { $0[event.rawValue] } }

    /// It has happened once more.
    func count(_ event: Event) { counts.withLock { $0[event.rawValue] += 1 } }
}
