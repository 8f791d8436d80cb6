/// What is done about a step that fails, hangs or is too much for what it uses.
public struct StepPolicy: Sendable, Equatable {
    /// When it is tried again.
    public var retry: RetryPolicy
    /// How long an attempt may take; its time while it waits for people, for a time or for another flow does not count. Nil
    /// for any time.
    public var timeout: Duration?
    /// When what it uses is left alone for a while.
    public var breaker: BreakerPolicy?
    /// How many of it this process runs at once, in all flows of its type; nil for any number.
    public var concurrency: Int?
    /// How often it may run in one flow, for steps that a flow comes back to.
    public var rounds: Int?

    /// Creates a policy.
    public init(
        retry: RetryPolicy = .never,
        timeout: Duration? = nil,
        breaker: BreakerPolicy? = nil,
        concurrency: Int? = nil,
        rounds: Int? = nil
    ) {
        self.retry = retry
        self.timeout = timeout
        self.breaker = breaker
        self.concurrency = concurrency
        self.rounds = rounds
    }

    /// One attempt, as long as it takes.
    public static let standard = StepPolicy()
}

/// When a failed step is tried again: exponential backoff with full jitter, as *Exponential Backoff And Jitter* (AWS
/// Architecture Blog, 2015) found best.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts in all, at least 1.
    public var attempts: Int
    /// The longest wait before the second attempt.
    public var first: Duration
    /// How many times longer each wait may be than the one before.
    public var factor: Double
    /// The longest wait.
    public var longest: Duration

    /// Creates a policy.
    public init(
        attempts: Int,
        first: Duration = .seconds(1),
        factor: Double = 2,
        longest: Duration = .seconds(300)
    ) {
        self.attempts = max(1, attempts)
        self.first = first
        self.factor = factor
        self.longest = longest
    }

    /// One attempt only.
    public static let never = RetryPolicy(attempts: 1)

    /// The wait after so many failures, in microseconds; nil when there is no other attempt.
    /// - Parameter random: from 0 below 1.
    func wait(after failures: Int, random: Double) -> Int64? {
        guard failures < attempts else { return nil }
        var limit = first.inMicroseconds
        for _ in 1..<max(1, failures) where limit < longest.inMicroseconds { limit *= factor }
        return Int64(min(limit, longest.inMicroseconds) * random)
    }
}

/// When a step is no longer begun because it has failed again and again, in any flow: it waits then, and one attempt tells
/// whether it works again.
public struct BreakerPolicy: Sendable, Equatable {
    /// Failures in a row.
    public var failures: Int
    /// How long it is left alone then.
    public var pause: Duration

    /// Creates a policy.
    public init(failures: Int = 5, pause: Duration = .seconds(30)) {
        self.failures = max(1, failures)
        self.pause = pause
    }
}

/// What a step that has failed for good means for its flow.
public enum FailurePolicy: String, Sendable {
    /// Nothing new is begun; what runs may end, then the flow has failed.
    case failFast = "fail_fast"
    /// Other branches go on as far as they can, then the flow has failed.
    case collect
    /// Other branches go on, and the flow may succeed without it.
    case ignore
}

extension Duration {
    var inMicroseconds: Double {
        Double(components.seconds) * 1_000_000 + Double(components.attoseconds) / 1_000_000_000_000
    }
}
