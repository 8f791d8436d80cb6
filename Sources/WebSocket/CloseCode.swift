/// A close status code (RFC 6455 §7.4).
public struct CloseCode: RawRepresentable, Sendable, Hashable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Creates any code, also one that may not be sent. See ``isSendable``.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose of the connection is fulfilled.
    public static let normal = CloseCode(rawValue: 1000)
    /// The server goes down or the page is left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// A kind of data that is not accepted.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// Data that does not fit its type, such as text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// Against a policy; when nothing more exact fits.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// A message above a limit.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// An unexpected condition on the server.
    public static let internalError = CloseCode(rawValue: 1011)
    /// The service restarts; come back after a while.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// Overload; come back later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether the code may stand in a Close frame (RFC 6455 §7.4.1, §7.4.2, and the IANA registry).
    ///
    /// 1004 is reserved, 1005, 1006 and 1015 only exist locally, 1016–2999 are unassigned, 3000–3999 are registered
    /// by libraries, 4000–4999 are private.
    public var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
