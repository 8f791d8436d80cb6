/// The first bytes of a frame, up to the mask (RFC 6455 §5.2), without memory of their own.
@frozen public struct FrameHead: Sendable {
    @usableFromInline var bytes = InlineArray<10, UInt8>(repeating: 0)
    @usableFromInline let count: Int

    /// Encodes a header. The length takes the fewest bytes it can.
    ///
    /// - Parameter length: Payload bytes that follow, 0 or more.
    @inlinable
    public init(
        _ opcode: Opcode,
        length: Int,
        isFinal: Bool = true,
        reservedBits: ReservedBits = [],
        isMasked: Bool = false
    ) {
        bytes[0] = (isFinal ? 0x80 : 0) | reservedBits.rawValue | opcode.rawValue
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        switch length {
        case ...125:
            bytes[1] = maskBit | UInt8(truncatingIfNeeded: length)
            count = 2
        case ...0xFFFF:
            bytes[1] = maskBit | 126
            bytes[2] = UInt8(truncatingIfNeeded: length >> 8)
            bytes[3] = UInt8(truncatingIfNeeded: length)
            count = 4
        default:
            bytes[1] = maskBit | 127
            for index in 0..<8 { bytes[2 + index] = UInt8(truncatingIfNeeded: length >> (56 - 8 * index)) }
            count = 10
        }
    }

    /// Calls `body` with the encoded bytes.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
