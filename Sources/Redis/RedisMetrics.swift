import Locking

/// What a client's connections do, since it was made.
public final class RedisMetrics: Sendable {
    /// Figures that only grow.
    public enum Counter: Int, CaseIterable, Sendable {
        /// Messages or entries handed to the server.
        case sent
        /// Messages or entries that came.
        case received
        /// Messages that were not sent because too many bytes waited already.
        case queueFull
        /// Messages that were not sent because there was no connection, or lost with it before they were on their way.
        case notConnected
        /// Messages that the server would not take.
        case refused
        /// Connections that were made and signed in.
        case connected
        /// Attempts that failed, and connections that ended by themselves.
        case failed
    }

    private struct Figures {
        var counters = [Int](repeating: 0, count: Counter.allCases.count)
        var open = 0
    }

    private let figures = Mutex(Figures())

    /// The present figure.
    public subscript(counter: Counter) -> Int { figures.withLock { $0.counters[counter.rawValue] } }

    /// Connections that are signed in: 0 to 2.
    public var open: Int { figures.withLock { $0.open } }

    func count(_ counter: Counter, _ amount: Int = 1) {
        figures.withLock { $0.counters[counter.rawValue] += amount }
    }

    func moveOpen(by change: Int) { figures.withLock { $0.open += change } }
}
