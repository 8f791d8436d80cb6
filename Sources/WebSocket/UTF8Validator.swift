/// Validates UTF-8 as it arrives (RFC 3629), failing at the first byte that no continuation could make valid.
///
/// Runs of ASCII are passed up to 64 bytes at a time.
public struct UTF8Validator: Sendable, Equatable {
    /// Continuation bytes the current character still needs.
    private var needed: UInt8 = 0
    /// The range of the next continuation byte: narrower after E0, ED, F0 and F4, which excludes overlong forms,
    /// surrogates and values above U+10FFFF.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Creates a validator at a character boundary.
    public init() {}

    /// Whether the bytes so far end at a character boundary.
    public var isComplete: Bool { needed == 0 }

    /// Whether `bytes` are UTF-8 from beginning to end.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if endOfASCII(bytes, from: 0) == bytes.count { return true }
        var validator = UTF8Validator()
        return validator.accept(bytes) && validator.isComplete
    }

    /// Takes further bytes. False as soon as one is impossible; the validator is of no use then.
    public mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        let count = bytes.count
        while index < count {
            if needed == 0 {
                index = Self.endOfASCII(bytes, from: index)
                if index == count { return true }
            }
            guard accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Takes further bytes. See ``accept(_:)-(UnsafeRawBufferPointer)``.
    public mutating func accept(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { accept($0) }
    }

    /// Where a run of ASCII that begins at `start` ends, or a little before: words are looked at as wholes.
    private static func endOfASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        var index = start
        let highBits: UInt64 = 0x8080_8080_8080_8080
        while index + 64 <= bytes.count {
            let first = base.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            let second = base.loadUnaligned(fromByteOffset: index + 32, as: SIMD4<UInt64>.self)
            let both = first | second
            guard (both[0] | both[1] | both[2] | both[3]) & highBits == 0 else { break }
            index += 64
        }
        while index + 32 <= bytes.count {
            let words = base.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            guard (words[0] | words[1] | words[2] | words[3]) & highBits == 0 else { break }
            index += 32
        }
        while index + 8 <= bytes.count, base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits == 0 {
            index += 8
        }
        // The last few bytes, together with some that were looked at already.
        let tail = bytes.count - 8
        if index > tail, tail >= start, base.loadUnaligned(fromByteOffset: tail, as: UInt64.self) & highBits == 0 {
            return bytes.count
        }
        return index
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if needed > 0 {
            guard byte >= lower, byte <= upper else { return false }
            needed -= 1
            lower = 0x80
            upper = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: needed = 1
        case 0xE0:
            needed = 2
            lower = 0xA0
        case 0xED:
            needed = 2
            upper = 0x9F
        case 0xE1...0xEF: needed = 2
        case 0xF0:
            needed = 3
            lower = 0x90
        case 0xF4:
            needed = 3
            upper = 0x8F
        case 0xF1...0xF3: needed = 3
        default: return false
        }
        return true
    }
}
