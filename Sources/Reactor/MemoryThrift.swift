import CLinux

/// When the allocator is asked to give memory back to the system: it keeps what is freed for the next time, which may never
/// come.
///
/// Not often, for it walks the whole heap: after much that waited for peers has gone, or after a crowd has.
struct MemoryThrift {
    private var releasedBytes = 0
    /// The most descriptors since the last time.
    private var peak = 0
    private var isTrimDue = false
    /// When it was last done, in the loop's nanoseconds.
    private var last: UInt64?

    private static let interval: UInt64 = 10_000_000_000
    private static let muchBytes = 8 << 20
    private static let crowd = 64

    /// A descriptor has come; `count` are there now.
    mutating func came(_ count: Int) { peak = max(peak, count) }

    /// A descriptor has gone and `count` are left. Whether to ``trim(remaining:)`` soon.
    mutating func went(_ count: Int) -> Bool { claim(if: peak >= Self.crowd && count < peak / 2) }

    /// Bytes were given up with their peer. Whether to ``trim(remaining:)`` soon.
    mutating func released(_ bytes: Int) -> Bool {
        releasedBytes += bytes
        return claim(if: releasedBytes >= Self.muchBytes)
    }

    /// How long to wait for the rest to go, too: long where it was done a moment ago.
    func patience(at now: UInt64) -> Duration {
        guard let last, now - last < Self.interval else { return .seconds(1) }
        return .nanoseconds(Int64(Self.interval))
    }

    /// Gives back what is free.
    mutating func trim(remaining count: Int, at now: UInt64) {
        last = now
        releasedBytes = 0
        peak = count
        isTrimDue = false
        clinux_release_memory()
    }

    private mutating func claim(if isWanted: Bool) -> Bool {
        guard isWanted, !isTrimDue else { return false }
        isTrimDue = true
        return true
    }
}
