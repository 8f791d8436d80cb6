// Identity: who is asking, and what they may do.
//
// What it is for: passwords (argon2id), access tokens (JWT), sessions with their cookies and rotating refresh tokens, the
// CSRF token, the throttle in front of sign-in, and the one table of permissions. It works on the repositories of Domain
// and takes the time as a parameter. It must never know HTTP, WebSocket or SQL: the floor above turns its errors into
// answers and its strings into header fields.
//
// Start with `Sessions` (what the floor above holds), then `AccessTokens`, `PasswordHasher` and `Action`.

/// Where a request comes from, for the throttle and the audit log.
public struct RequestOrigin: Sendable, Hashable {
    /// The client's address; for IPv6 better the /64 network, since one client has all of it.
    public let address: String
    /// The channel of audit lines: `http`, `websocket`, `cli`.
    public let channel: String

    /// Creates the value.
    public init(address: String, channel: String) {
        self.address = address
        self.channel = channel
    }
}
