// WebSocket: the codec of RFC 6455, server side, with a client side for tests and tools.
//
// `HandshakeRequest` judges an upgrade request and builds the 101; `WebSocketConnection` turns the bytes after it into
// `WebSocketEvent`s and answers pings and closes into a buffer the caller lends; `FrameEncoder` writes frames, once for
// many receivers where they are equal.
//
// This target must never know sockets, clocks, tasks, JSON, users or what messages mean. Randomness (mask keys) and
// limits come in as values.

/// The opcodes of RFC 6455 §5.2 that are defined; all others are refused.
public enum Opcode: UInt8, Sendable, Hashable {
    /// A further fragment of the message begun before.
    case continuation = 0x0
    /// A text message, or its first fragment.
    case text = 0x1
    /// A binary message, or its first fragment.
    case binary = 0x2
    /// The start or the answer of the closing handshake.
    case close = 0x8
    /// A request for a pong with the same payload.
    case ping = 0x9
    /// The answer to a ping, or unasked for.
    case pong = 0xA

    /// Control frames are short and whole, and may stand between fragments (RFC 6455 §5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
