/// Lets so many things through at once, and so many per second on average.
struct TokenBucket: Sendable {
    private let capacity: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var last: UInt64

    /// - Parameter now: monotonic time in nanoseconds.
    init(capacity: Int, perSecond: Int, now: UInt64) {
        self.capacity = Double(capacity)
        perNanosecond = Double(perSecond) / 1e9
        tokens = Double(capacity)
        last = now
    }

    /// Takes a token; false when there is none.
    mutating func take(now: UInt64) -> Bool {
        if now > last {
            tokens = min(capacity, tokens + Double(now - last) * perNanosecond)
            last = now
        }
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
