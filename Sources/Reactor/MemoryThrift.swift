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

    /// Gives back what is free.
    mutating func trim(remaining count: Int) {
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
