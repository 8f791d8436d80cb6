/// The payload of a Close frame (RFC 6455 §5.5.1).
enum CloseFrame {
    /// Parses code and reason; an empty payload has neither.
    static func parse(_ payload: [UInt8]) throws(WebSocketError) -> (code: CloseCode?, reason: String) {
        if payload.isEmpty { return (nil, "") }
        guard payload.count >= 2 else { throw .protocolViolation(.closePayload) }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isSendable else { throw .protocolViolation(.closeCode) }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else { throw .invalidUTF8 }
        return (code, reason)
    }
}
