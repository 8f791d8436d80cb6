/// Why an access token is not accepted.
public enum TokenError: Error, Equatable, Sendable, CustomStringConvertible {
    /// More bytes than any token of ours has.
    case tooLong(limit: Int)
    /// Not a JWS in compact form with the claims of an access token.
    case malformed
    /// Its header names another algorithm than HS256, `none` included.
    case algorithmNotAllowed
    /// Its header names no key, or one that is not known here.
    case unknownKey
    /// The signature is not made with that key.
    case badSignature
    /// Its `exp` has passed.
    case expired
    /// Its `nbf` lies ahead.
    case notYetValid
    /// Its `iss` is somebody else.
    case wrongIssuer
    /// Its `aud` is somebody else.
    case wrongAudience
    /// It claims a role that does not exist.
    case unknownRole

    /// One sentence.
    public var description: String {
        switch self {
        case .tooLong(let limit): "The token is longer than \(limit) bytes."
        case .malformed: "The token is malformed."
        case .algorithmNotAllowed: "The token's algorithm is not allowed."
        case .unknownKey: "The token's key is not known."
        case .badSignature: "The token's signature is wrong."
        case .expired: "The token has expired."
        case .notYetValid: "The token is not valid yet."
        case .wrongIssuer: "The token was issued by somebody else."
        case .wrongAudience: "The token is meant for somebody else."
        case .unknownRole: "The token claims an unknown role."
        }
    }
}
