/// When a delivery that failed is tried again: the wait grows threefold from 10 s to a day, and each is as long as chance
/// will have it up to that (full jitter), so that receivers who come back are not met by everybody at once.
///
/// Fifteen attempts, which take three days on average and six at most.
public struct RetrySchedule: Sendable {
    /// The longest wait after the first failure.
    public var first = Duration.seconds(10)
    /// What it grows by with each further one.
    public var factor = 3
    /// What no wait is longer than, also where the receiver asks for more.
    public var longest = Duration.seconds(86_400)
    /// After so many attempts a delivery is given up.
    public var attempts = 15

    /// Creates the schedule of docs/WEBHOOKS.md.
    public init() {}

    /// The longest wait after so many failures, from 1.
    public func ceiling(after failures: Int) -> Duration {
        var ceiling = first
        for _ in 1..<max(2, failures) where failures > 1 && ceiling < longest { ceiling = ceiling * factor }
        return min(ceiling, longest)
    }

    /// The wait after so many failures; nil when that was the last attempt.
    /// - Parameter asked: what the receiver asked for at least (`Retry-After`).
    func wait(after failures: Int, asked: Duration?, using generator: inout some RandomNumberGenerator) -> Duration? {
        guard failures < attempts else { return nil }
        let milliseconds = ceiling(after: failures).components.seconds * 1000
        let wait = Duration.milliseconds(
            Int64.random(in: min(1000, milliseconds)...max(1000, milliseconds), using: &generator)
        )
        return min(max(wait, asked ?? .zero), longest)
    }
}
