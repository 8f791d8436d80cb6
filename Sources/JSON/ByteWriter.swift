import Glibc

/// Bytes being written, with room made before the writing.
///
/// An array would check its uniqueness and its room for every piece, which costs more than most pieces of JSON.
struct ByteWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        base = allocated(malloc(capacity))
        self.capacity = capacity
    }

    deinit { free(base) }

    /// What was written.
    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Makes room for as many bytes.
    @inline(__always)
    mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    /// Writes a byte into room that was reserved.
    @inline(__always)
    mutating func putReserved(_ byte: UInt8) {
        (base + count).storeBytes(of: byte, as: UInt8.self)
        count += 1
    }

    /// Stores a word behind what was written, in room that was reserved, without counting it as written yet.
    @inline(__always)
    func store<Word: BitwiseCopyable>(_ word: Word, at offset: Int) {
        (base + count + offset).storeBytes(of: word, as: Word.self)
    }

    /// Counts as written what was stored.
    @inline(__always)
    mutating func advance(_ length: Int) {
        count += length
    }

    /// Writes the last digits of a number, zeros in front included, into room that was reserved.
    @inline(__always)
    mutating func putReservedDigits(_ value: UInt, count length: Int) {
        var rest = value
        var position = count + length
        count = position
        for _ in 0..<length {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            position -= 1
            (base + position).storeBytes(of: 0x30 + UInt8(truncatingIfNeeded: digit), as: UInt8.self)
            rest = quotient
        }
    }

    /// Writes a byte.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        reserve(1)
        putReserved(byte)
    }

    /// Writes bytes.
    @inline(__always)
    mutating func put(_ source: UnsafeRawPointer, count length: Int) {
        reserve(length)
        (base + count).copyMemory(from: source, byteCount: length)
        count += length
    }

    /// Writes bytes.
    mutating func put(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { put(byte) }
    }

    private mutating func grow(_ additional: Int) {
        capacity = max(capacity * 2, count + additional)
        // Unlike a copy into new memory, this may grow in place, and moves the pages of large texts.
        base = allocated(realloc(base, capacity))
    }
}

/// The memory, without which nothing can go on.
private func allocated(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
    guard let memory else { preconditionFailure("no memory for the text of a JSON value") }
    return memory
}
