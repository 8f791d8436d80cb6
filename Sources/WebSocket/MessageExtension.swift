/// A negotiated per-message extension, such as permessage-deflate: a hook on the message codec (RFC 6455 §9).
///
/// Implementations own their context (compression windows) and are confined to the connection's worker, hence a class
/// that need not be `Sendable`. The connection knows nothing of what they do.
public protocol MessageExtension: AnyObject {
    /// The bits it may set on the first frame of a data message. All other bits are refused.
    var reservedBits: ReservedBits { get }

    /// Decodes a piece of a message whose first frame carried ``reservedBits``.
    ///
    /// - Parameters:
    ///   - piece: Unmasked payload bytes, cut anywhere; may be empty. What was read is removed from its front.
    ///   - isLast: The message ends with this piece.
    ///   - message: Receives the decoded bytes. They are UTF-8 checked afterwards where the message is text.
    ///   - limit: The size `message` must not pass.
    ///   - share: Work after which decoding stops, roughly, because others wait: decoded bytes, and encoded ones at
    ///     ``WebSocketConnection/encodedByteCost`` each. Little may decode to very much, and much to nothing at all.
    /// - Returns: Whether all is decoded; if not, this is called again with the rest of the piece.
    /// - Throws: ``WebSocketError/extensionFailed`` or ``WebSocketError/limitExceeded(_:limit:)``.
    func decode(
        _ piece: inout UnsafeRawBufferPointer,
        isLast: Bool,
        into message: inout [UInt8],
        limit: Int,
        share: Int
    ) throws(WebSocketError) -> Bool

    /// Encodes a whole outgoing message, or returns nil to send it as it is, without reserved bits.
    func encode(_ payload: UnsafeRawBufferPointer) -> [UInt8]?
}
