import Locking

/// What the pools of a client do, added up over all workers since it was made.
public final class PostgresMetrics: Sendable {
    /// Figures that only grow.
    public enum Counter: Int, CaseIterable, Sendable {
        /// Connections that were made.
        case connected
        /// Attempts to connect that failed.
        case notConnected
        /// Connections that ended by themselves.
        case lost
        /// Callers that had to wait for a connection, and got one.
        case waited
        /// Microseconds they waited, all together.
        case waitedMicroseconds
        /// Callers that got no connection: there was none in time, or too many waited already.
        case refused
    }

    /// Figures of the present.
    public enum Gauge: Int, CaseIterable, Sendable {
        /// Connections that somebody uses.
        case leased
        /// Connections that nobody uses.
        case idle
        /// Callers that wait for a connection.
        case waiting
    }

    private struct Figures {
        var counters = [Int](repeating: 0, count: Counter.allCases.count)
        var gauges = [Int](repeating: 0, count: Gauge.allCases.count)
    }

    private let figures = Mutex(Figures())

    /// The present figure.
    public subscript(counter: Counter) -> Int { figures.withLock { $0.counters[counter.rawValue] } }
    /// The present figure.
    public subscript(gauge: Gauge) -> Int { figures.withLock { $0.gauges[gauge.rawValue] } }

    func add(_ counter: Counter, _ amount: Int = 1) { figures.withLock { $0.counters[counter.rawValue] += amount } }

    /// Changes one pool's part of a gauge.
    func move(_ gauge: Gauge, to part: Int, _ shown: inout Int) {
        let change = part - shown
        shown = part
        figures.withLock { $0.gauges[gauge.rawValue] += change }
    }
}
