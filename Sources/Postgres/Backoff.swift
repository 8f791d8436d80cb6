/// Waits between attempts: doubling, with full jitter so that many processes do not come back in step.
struct Backoff {
    let shortest: Duration
    let longest: Duration
    private(set) var failures = 0

    init(_ options: PostgresOptions) {
        shortest = options.shortestBackoff
        longest = options.longestBackoff
    }

    /// Counts a failure and gives the wait before the next attempt.
    mutating func next() -> Duration {
        let ceiling = min(longest, shortest * (1 << min(failures, 16)))
        failures += 1
        return .milliseconds(Int64.random(in: 1...max(1, ceiling.wholeMilliseconds)))
    }

    mutating func reset() { failures = 0 }
}
