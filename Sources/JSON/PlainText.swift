// The scans that the parser and the serialiser spend their time in.

/// The first byte from `position` on that cannot stand in a JSON string as it is (RFC 8259 §7: quote, backslash,
/// control characters), or `end`; eight bytes at a time.
@inline(__always)
func endOfPlainText(from position: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer {
    var position = position
    while end - position >= 8 {
        let stops = stopBytes(in: UInt64(littleEndian: position.loadUnaligned(as: UInt64.self)))
        if stops != 0 { return position + stops.trailingZeroBitCount >> 3 }
        position += 8
    }
    while position < end {
        if isStop(position.load(as: UInt8.self)) { break }
        position += 1
    }
    return position
}

extension ByteWriter {
    /// Copies up to the first byte that cannot stand in a JSON string as it is, into room that was reserved for the whole
    /// of it; returns how many bytes that were.
    @inline(__always)
    mutating func putPlainText(from source: UnsafeRawPointer, to end: UnsafeRawPointer) -> Int {
        var position = source
        while end - position >= 8 {
            let word = position.loadUnaligned(as: UInt64.self)
            let stops = stopBytes(in: UInt64(littleEndian: word))
            putReserved(word, count: stops == 0 ? 8 : stops.trailingZeroBitCount >> 3)
            if stops != 0 { return position - source + stops.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < end {
            let byte = position.load(as: UInt8.self)
            if isStop(byte) { break }
            putReserved(byte)
            position += 1
        }
        return position - source
    }
}

@inline(__always)
private func isStop(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

/// The high bit of each byte that ends a plain run. Borrows may set bits above the lowest one, which alone is exact.
@inline(__always)
private func stopBytes(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let controls = (word &- ones &* 0x20) & ~word
    return (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | controls) & (ones &* 0x80)
}

/// Whether no byte has its high bit set.
@inline(__always)
func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    while bytes.count - position >= 8 {
        if bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
        position += 8
    }
    while position < bytes.count {
        if bytes[position] >= 0x80 { return false }
        position += 1
    }
    return true
}
