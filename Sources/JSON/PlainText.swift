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
        let byte = position.load(as: UInt8.self)
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
        position += 1
    }
    return position
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
