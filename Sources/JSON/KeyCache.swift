import Glibc

/// Member names that a document has used, so that a name which many objects share is checked and made once.
///
/// Direct-mapped by the name's tag: what collides is made anew, so that a hostile choice of names costs what it would
/// cost without a cache.
struct KeyCache: ~Copyable {
    private struct Entry {
        /// Where in the text the name was first read; its bytes are compared with those of the next one.
        let start: UnsafeRawPointer
        let count: Int
        let key: String
    }

    private static let size = 128
    private let entries: UnsafeMutablePointer<Entry>

    /// - Parameter text: where the text begins, of which all names are parts.
    init(text: UnsafeRawPointer) {
        entries = .allocate(capacity: Self.size)
        entries.initialize(repeating: Entry(start: text, count: -1, key: ""), count: Self.size)
    }

    deinit {
        entries.deinitialize(count: Self.size)
        entries.deallocate()
    }

    /// The name of these bytes when it was read before; it stays the same string, sharing storage.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, tag: UInt32) -> String? {
        let entry = entries + Int(tag) & (Self.size - 1)
        guard entry.pointee.count == bytes.count, let start = bytes.baseAddress,
            memcmp(entry.pointee.start, start, bytes.count) == 0
        else { return nil }
        return entry.pointee.key
    }

    /// Remembers a name. Its bytes must stay where they are for as long as the cache is asked.
    func insert(_ key: String, _ bytes: UnsafeRawBufferPointer, tag: UInt32) {
        guard let start = bytes.baseAddress else { return }
        entries[Int(tag) & (Self.size - 1)] = Entry(start: start, count: bytes.count, key: key)
    }
}
