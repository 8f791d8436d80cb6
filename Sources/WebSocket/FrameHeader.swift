/// A frame header whose own rules are met (RFC 6455 §5.2).
public struct FrameHeader: Sendable, Equatable {
    /// The last frame of its message.
    public let isFinal: Bool
    /// Bits for extensions.
    public let reservedBits: ReservedBits
    /// What the frame is.
    public let opcode: Opcode
    /// Payload bytes that follow.
    public let length: Int
    /// The mask as a little-endian integer, or nil for an unmasked frame.
    public let maskKey: UInt32?
}

extension FrameHeader {
    /// Two bytes, a length of eight and a mask of four.
    static let maximumSize = 14

    /// Parses a header from the front of `bytes`, or returns nil when it is incomplete.
    ///
    /// The first two bytes are judged as soon as they are there.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        expectsMask: Bool
    ) throws(WebSocketError) -> (header: FrameHeader, size: Int)? {
        guard bytes.count >= 1 else { return nil }
        let first = bytes[0]
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .protocolViolation(.opcode) }
        let isFinal = first & 0x80 != 0
        if opcode.isControl, !isFinal { throw .protocolViolation(.fragmentedControlFrame) }
        guard bytes.count >= 2 else { return nil }
        let isMasked = bytes[1] & 0x80 != 0
        if isMasked != expectsMask { throw .protocolViolation(expectsMask ? .unmasked : .masked) }
        let short = Int(bytes[1] & 0x7F)
        if opcode.isControl, short > 125 { throw .protocolViolation(.controlFrameTooLong) }
        let lengthSize = short < 126 ? 0 : short == 126 ? 2 : 8
        let size = 2 + lengthSize + (isMasked ? 4 : 0)
        guard bytes.count >= 2 + lengthSize else { return nil }
        let length = try lengthSize == 0 ? short : extendedLength(bytes, size: lengthSize)
        guard bytes.count >= size else { return nil }
        var maskKey: UInt32?
        if isMasked {
            maskKey = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self))
        }
        let header = FrameHeader(
            isFinal: isFinal,
            reservedBits: ReservedBits(rawValue: first),
            opcode: opcode,
            length: length,
            maskKey: maskKey
        )
        return (header, size)
    }

    /// The minimal number of bytes must be used, and the top bit of 64 must be zero.
    private static func extendedLength(_ bytes: UnsafeRawBufferPointer, size: Int) throws(WebSocketError) -> Int {
        var value: UInt64 = 0
        for index in 2..<(2 + size) { value = value << 8 | UInt64(bytes[index]) }
        guard let length = Int(exactly: value), length > (size == 2 ? 125 : 0xFFFF) else {
            throw .protocolViolation(.lengthEncoding)
        }
        return length
    }
}
