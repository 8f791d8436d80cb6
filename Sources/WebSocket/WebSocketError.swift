/// What can go wrong on an established connection.
///
/// All but ``notOpen`` and ``invalidArgument(_:)`` are the peer's fault.
public enum WebSocketError: Error, Equatable, Sendable {
    /// The bytes break a rule of RFC 6455.
    case protocolViolation(Violation)
    /// A text message or close reason is not UTF-8 (RFC 6455 §8.1).
    case invalidUTF8
    /// A bound was passed; `limit` is the bound in force.
    case limitExceeded(WebSocketLimits.Name, limit: Int)
    /// An extension could not decode a payload (RFC 7692 and the like).
    case extensionFailed
    /// The caller wants to send, but the closing handshake has begun.
    case notOpen
    /// The caller wants to send what the protocol does not allow.
    case invalidArgument(Argument)

    /// The broken rule.
    public enum Violation: String, Sendable, Equatable {
        /// A reserved bit no negotiated extension uses here (RFC 6455 §5.2).
        case reservedBits
        /// An opcode that is not defined (RFC 6455 §5.2).
        case opcode
        /// A client frame without a mask (RFC 6455 §5.1).
        case unmasked
        /// A server frame with a mask (RFC 6455 §5.1).
        case masked
        /// A length in more bytes than it needs, or above 63 bits (RFC 6455 §5.2).
        case lengthEncoding
        /// A control frame with more than 125 bytes (RFC 6455 §5.5).
        case controlFrameTooLong
        /// A control frame without FIN (RFC 6455 §5.5).
        case fragmentedControlFrame
        /// A continuation frame with nothing to continue (RFC 6455 §5.4).
        case unexpectedContinuation
        /// A new message inside a fragmented one (RFC 6455 §5.4).
        case expectedContinuation
        /// A Close frame with a payload of one byte (RFC 6455 §5.5.1).
        case closePayload
        /// A close code that may not be sent (RFC 6455 §7.4).
        case closeCode
    }

    /// What was wrong with the caller's argument.
    public enum Argument: String, Sendable, Equatable {
        /// The payload of a control frame is above 125 bytes.
        case controlPayload
        /// A code that may not be sent.
        case closeCode
    }

    /// The code to close with (RFC 6455 §7.4.1).
    public var closeCode: CloseCode {
        switch self {
        case .protocolViolation: .protocolError
        case .invalidUTF8, .extensionFailed: .invalidPayload
        case .limitExceeded(.inflatingBytes, _): .tryAgainLater
        case .limitExceeded: .messageTooBig
        case .notOpen, .invalidArgument: .internalError
        }
    }
}

extension WebSocketError: CustomStringConvertible {
    /// One sentence that never repeats the peer's bytes, short enough for a close reason.
    public var description: String {
        switch self {
        case .protocolViolation(let violation): "Protocol violation: \(violation.rawValue)."
        case .invalidUTF8: "Text is not valid UTF-8."
        case .limitExceeded(let name, let limit): "Over the limit \(name.rawValue) of \(limit)."
        case .extensionFailed: "An extension could not decode the payload."
        case .notOpen: "The connection is closing."
        case .invalidArgument(let argument): "Not allowed: \(argument.rawValue)."
        }
    }
}
