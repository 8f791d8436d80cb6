internal import Glibc

/// The receive buffer of a sans-IO parser: appended at the back, consumed at the front.
///
/// Consuming moves an index; bytes are moved only when at least half of the storage is spent, so a stream of `n` bytes
/// costs O(n) however it is cut. An emptied queue gives its memory back: an idle connection owns none.
package struct ByteQueue: Sendable {
    private var storage: [UInt8] = []
    private var head = 0

    package init() {}

    /// Bytes that were appended and not yet consumed.
    package var count: Int { storage.count - head }

    package var isEmpty: Bool { count == 0 }

    /// The byte at `offset` from the front. `offset` must be below ``count``.
    package subscript(offset: Int) -> UInt8 { storage[head + offset] }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if head >= Self.compactionThreshold, head >= storage.count / 2 {
            storage.removeSubrange(0..<head)
            head = 0
        }
        storage.append(contentsOf: bytes)
    }

    /// Drops `amount` bytes from the front. `amount` must not be above ``count``.
    package mutating func consume(_ amount: Int) {
        precondition(amount >= 0 && amount <= count, "consumed more than was received")
        head += amount
        if head == storage.count { removeAll() }
    }

    package mutating func removeAll() {
        storage = []
        head = 0
    }

    /// Removes and returns the first `amount` bytes.
    package mutating func take(_ amount: Int) -> [UInt8] {
        if head == 0, amount == storage.count {
            let all = storage
            removeAll()
            return all
        }
        let taken = Array(storage[head..<(head + amount)])
        consume(amount)
        return taken
    }

    /// Calls `body` with the unconsumed bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(storage.span.extracting(head..<storage.count))
    }

    /// Calls `body` with the unconsumed bytes as raw memory, for word-wise passes.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
    }

    /// The offset of the first LF at or after `start`, found with `memchr`.
    package func firstLineFeed(from start: Int) -> Int? {
        storage.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, head + start < bytes.count else { return nil }
            let from = base + head + start
            guard let found = memchr(from, Int32(ASCII.lineFeed), bytes.count - head - start) else { return nil }
            return UnsafeRawPointer(found) - (base + head)
        }
    }

    /// Below this many spent bytes moving the rest is not worth it.
    private static let compactionThreshold = 4096
}
