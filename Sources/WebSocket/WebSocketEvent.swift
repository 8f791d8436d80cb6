/// What ``WebSocketConnection/next(replyingInto:)`` reports.
public enum WebSocketEvent: Sendable, Equatable {
    /// A whole text message: valid UTF-8.
    case text([UInt8])
    /// A whole binary message.
    case binary([UInt8])
    /// A ping. The pong was already written.
    case ping([UInt8])
    /// A pong.
    case pong([UInt8])
    /// The closing handshake is complete: flush what was written, then close the socket. The last event.
    ///
    /// `code` is nil when the peer sent none (1005). `initiatedLocally` tells who began.
    case closed(code: CloseCode?, reason: String, initiatedLocally: Bool)

    /// Bytes of the message; 0 for what is none.
    package var messageSize: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count
        case .ping, .pong, .closed: 0
        }
    }
}
