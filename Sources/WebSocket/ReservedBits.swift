/// The three reserved bits of a frame header (RFC 6455 §5.2), at their places in its first byte.
public struct ReservedBits: OptionSet, Sendable, Hashable {
    /// The bits, as they stand in the first byte of a header.
    public let rawValue: UInt8

    /// Keeps only the three bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue & 0x70
    }

    /// RSV1: permessage-deflate's "this message is compressed" (RFC 7692 §6).
    public static let rsv1 = ReservedBits(rawValue: 0x40)
    /// RSV2
    public static let rsv2 = ReservedBits(rawValue: 0x20)
    /// RSV3
    public static let rsv3 = ReservedBits(rawValue: 0x10)
}
