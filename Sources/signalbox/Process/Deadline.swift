import Glibc

/// A point on the monotonic clock, for waits of the main thread.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(after duration: Duration) { end = ContinuousClock.now + duration }

    var hasPassed: Bool { ContinuousClock.now >= end }

    /// Asks every 10 ms until `condition` gives a value, the deadline passes or the process is asked to stop.
    func poll<Value>(_ condition: () throws(Failure) -> Value?) throws(Failure) -> Value? {
        while true {
            if let value = try condition() { return value }
            if hasPassed || Signals.isStopPending { return nil }
            usleep(10_000)
        }
    }
}
