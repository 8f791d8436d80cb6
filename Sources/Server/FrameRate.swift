/// Counts the frames of a WebSocket by the second: pings and fragments cost their sender little, and each costs us.
struct FrameRate {
    /// When the present second ends, in the loop's nanoseconds.
    private var end: UInt64 = 0
    /// Frames before the present second.
    private var before: UInt32 = 0
    private var last: UInt32 = 0

    /// Whether the peer keeps to `limit` frames per second.
    ///
    /// - Parameter count: All frames so far; may wrap around.
    mutating func admits(_ count: UInt32, at now: UInt64, limit: Int) -> Bool {
        if now >= end {
            // What has come with this read counts for the new second.
            end = now + 1_000_000_000
            before = last
        }
        last = count
        return Int(count &- before) <= limit
    }
}
