// The scans that the parser and the serialiser spend their time in.

/// Bytes that stand in a JSON string as they are.
struct PlainRun {
    /// The first byte that does not, or the end of the text.
    let end: UnsafeRawPointer
    let isASCII: Bool
}

/// The bytes from `start` on that can stand in a JSON string as they are (RFC 8259 §7: no quote, no backslash, no control
/// characters), looked at in words of eight.
@inline(__always)
func plainRun(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> PlainRun {
    var position = start
    var seen: UInt64 = 0
    while end - position >= 8 {
        let word = UInt64(littleEndian: position.loadUnaligned(as: UInt64.self))
        let stops = stopBytes(in: word)
        if stops != 0 {
            // Below the lowest bit of the stops are the bytes before it, and of itself no high bit.
            seen |= word & (stops &- 1) & ~stops
            return PlainRun(end: position + stops.trailingZeroBitCount >> 3, isASCII: seen & highBits == 0)
        }
        seen |= word
        position += 8
    }
    while position < end {
        let byte = position.load(as: UInt8.self)
        if isStop(byte) { break }
        seen |= UInt64(byte)
        position += 1
    }
    return PlainRun(end: position, isASCII: seen & highBits == 0)
}

/// The first byte from `position` on that cannot stand in a JSON string as it is, or `end`.
@inline(__always)
func endOfPlainText(from position: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer {
    plainRun(from: position, to: end).end
}

private let highBits: UInt64 = 0x8080_8080_8080_8080

extension ByteWriter {
    /// Copies bytes into room that was reserved for them, when all of them can stand in a JSON string as they are; `false`,
    /// with nothing written, when one cannot.
    ///
    /// The last word overlaps the one before, so that the end of a string takes no loop over its bytes.
    @inline(__always)
    mutating func putIfPlain(_ source: UnsafeRawPointer, count length: Int) -> Bool {
        if length >= 8 {
            var position = 0
            while position <= length - 8 {
                guard copyPlain(UInt64.self, source, at: position) else { return false }
                position += 8
            }
            guard position == length || copyPlain(UInt64.self, source, at: length - 8) else { return false }
        } else if length >= 4 {
            guard copyPlain(UInt32.self, source, at: 0), copyPlain(UInt32.self, source, at: length - 4) else {
                return false
            }
        } else {
            for position in 0..<length {
                guard copyPlain(UInt8.self, source, at: position) else { return false }
            }
        }
        advance(length)
        return true
    }

    /// Copies a word of the source to the same place behind what was written.
    @inline(__always)
    private func copyPlain<Word: FixedWidthInteger & BitwiseCopyable>(
        _ type: Word.Type,
        _ source: UnsafeRawPointer,
        at position: Int
    ) -> Bool {
        let word = source.loadUnaligned(fromByteOffset: position, as: Word.self)
        store(word, at: position)
        return stopBytes(in: word) == 0
    }
}

@inline(__always)
private func isStop(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

/// The high bit of each byte that ends a plain run. Borrows may set bits above the lowest one, which alone is exact.
@inline(__always)
private func stopBytes<Word: FixedWidthInteger>(in word: Word) -> Word {
    let ones = Word.max / 0xFF
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
