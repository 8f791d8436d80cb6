/// Waits between attempts: doubling, with full jitter so that many processes do not come back in step.
public struct Backoff: Sendable {
    private let shortest: Duration
    private let longest: Duration
    private var failures = 0

    /// Creates the waits of somebody who has not failed yet.
    /// - Parameters:
    ///   - shortest: the longest wait after one failure; it doubles with each further one.
    ///   - longest: what no wait is longer than.
    public init(from shortest: Duration, to longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// Counts a failure and gives the wait before the next attempt: at least one millisecond.
    public mutating func next() -> Duration {
        let ceiling = min(longest, shortest * (1 << min(failures, 16)))
        failures += 1
        return .milliseconds(Int64.random(in: 1...max(1, Int64(clamping: ceiling.boundedNanoseconds / 1_000_000))))
    }

    /// An attempt has succeeded.
    public mutating func reset() { failures = 0 }
}
