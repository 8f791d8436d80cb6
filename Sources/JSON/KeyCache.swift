import Glibc

/// Member names that a document has used, so that a name which many objects share is checked and made once.
///
/// Found by the name's tag: what collides is made anew, so that a hostile choice of names costs what it would cost
/// without a cache. Only what is used is touched, since most messages are short.
struct KeyCache: ~Copyable {
    private struct Entry {
        /// Where in the text the name was first read; its bytes are compared with those of the next one.
        let start: UnsafeRawPointer
        let count: Int
        let key: String
    }

    private static let size = 128
    private let entries: UnsafeMutablePointer<Entry>
    private var entryCount = 0
    /// By tag, the index of an entry and one more; 0 where there is none.
    private let table: UnsafeMutablePointer<UInt8>

    init() {
        entries = .allocate(capacity: Self.size)
        table = .allocate(capacity: Self.size)
        table.initialize(repeating: 0, count: Self.size)
    }

    deinit {
        entries.deinitialize(count: entryCount)
        entries.deallocate()
        table.deallocate()
    }

    /// The name of these bytes when it was read before; it stays the same string, sharing storage.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, tag: UInt32) -> String? {
        let index = Int(table[Int(tag) & (Self.size - 1)])
        guard index > 0 else { return nil }
        let entry = entries + (index - 1)
        guard entry.pointee.count == bytes.count, let start = bytes.baseAddress,
            memcmp(entry.pointee.start, start, bytes.count) == 0
        else { return nil }
        return entry.pointee.key
    }

    /// Remembers a name. Its bytes must stay where they are for as long as the cache is asked.
    mutating func insert(_ key: String, _ bytes: UnsafeRawBufferPointer, tag: UInt32) {
        guard let start = bytes.baseAddress else { return }
        let entry = Entry(start: start, count: bytes.count, key: key)
        let slot = Int(tag) & (Self.size - 1)
        if table[slot] > 0 {
            entries[Int(table[slot]) - 1] = entry
        } else {
            (entries + entryCount).initialize(to: entry)
            entryCount += 1
            table[slot] = UInt8(entryCount)
        }
    }
}
