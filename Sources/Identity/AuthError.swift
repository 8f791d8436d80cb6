/// Why somebody is not let in, in terms that may be shown to them: nothing here tells whether a tenant, a user or a
/// session exists.
public enum AuthError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Sign-in refused: unknown tenant, unknown user, wrong password and disabled user all look like this.
    case invalidCredentials
    /// Too many attempts failed; the next one is considered after so many seconds (at least 1).
    case tooManyAttempts(retryAfter: Int)
    /// A field of the request is unusable whoever sends it.
    case invalidField(name: String, allowedBytes: ClosedRange<Int>)
    /// The refresh token is unknown, spent, expired or belongs to an ended session: sign in again.
    case invalidRefreshToken
    /// The access token is not acceptable.
    case invalidToken(TokenError)
    /// The session has ended, or the cookie is not one of ours: sign in again.
    case sessionEnded
    /// The server hashes as many passwords as it can; try again shortly.
    case busy

    /// The stable name for problem documents.
    public var code: String {
        switch self {
        case .invalidCredentials: "invalid_credentials"
        case .tooManyAttempts: "too_many_attempts"
        case .invalidField: "invalid_field"
        case .invalidRefreshToken: "invalid_refresh_token"
        case .invalidToken(.expired): "token_expired"
        case .invalidToken: "invalid_token"
        case .sessionEnded: "session_ended"
        case .busy: "busy"
        }
    }

    /// One sentence for the person who asked.
    public var description: String {
        switch self {
        case .invalidCredentials: "Tenant, e-mail address or password is not right."
        case .tooManyAttempts(let seconds): "Too many attempts; try again in \(seconds) s."
        case .invalidField(let name, let allowed):
            "\(name) must be \(allowed.lowerBound)…\(allowed.upperBound) bytes long."
        case .invalidRefreshToken: "The refresh token is not valid; sign in again."
        case .invalidToken(let error): error.description
        case .sessionEnded: "The session has ended; sign in again."
        case .busy: "Too many sign-ins at once; try again in a moment."
        }
    }
}
