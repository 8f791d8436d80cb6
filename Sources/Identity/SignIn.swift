public import Domain

/// What a successful sign-in or refresh gives.
public struct SignIn: Sendable {
    /// The person who signed in, as they may be shown to themselves.
    public struct Person: Sendable, Hashable {
        /// The user's id, the `sub` claim.
        public let id: UserID
        /// The address they sign in with.
        public let email: String
        /// How they are shown to others.
        public let name: String
        /// What they may do.
        public let roles: Set<Role>

        init(_ user: User) {
            id = user.id
            email = user.email
            name = user.name
            roles = user.roles
        }
    }

    /// What a browser is given to keep.
    public struct Browser: Sendable {
        /// The value of the session cookie, for HttpOnly, SameSite=Strict.
        public let cookie: Secret<String>
        /// The value of the CSRF cookie, which scripts may read.
        public let csrfToken: Secret<String>
        /// When both end.
        public let expiresAt: Timestamp
    }

    /// The JWT for `Authorization: Bearer`.
    public let accessToken: Secret<String>
    /// For how many seconds it is valid.
    public let expiresIn: Int64
    /// The token for the next refresh.
    public let refreshToken: Secret<String>
    /// The session behind all of them.
    public let session: SessionID
    /// Where the person signed in.
    public let tenant: Tenant
    /// Who signed in.
    public let user: Person
    /// The cookies of a sign-in; nil after a refresh, which leaves them as they are.
    public let browser: Browser?
}
