/// A customer: everything else belongs to exactly one.
public struct Tenant: Sendable, Hashable {
    /// The tenant's id.
    public let id: TenantID
    /// The unique name people type when they sign in.
    public let name: String

    /// Creates the value.
    public init(id: TenantID, name: String) {
        self.id = id
        self.name = name
    }
}

/// What a person or agent may do within a tenant.
public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Sees flows, assets and prompts.
    case viewer
    /// Decides prompts assigned to reviewers.
    case reviewer
    /// Starts, cancels and retries flows and uploads files.
    case `operator`
    /// Drives external flows and asks for decisions.
    case agent
    /// Everything, audit log included.
    case admin
}

/// A person with a password, within one tenant.
public struct User: Sendable, Hashable {
    /// The user's id.
    public let id: UserID
    /// The address people sign in with, lower case.
    public let email: String
    /// How the user is shown to others.
    public let name: String
    /// What the user may do.
    public let roles: Set<Role>
    /// The encoded argon2id hash of the password.
    public let passwordHash: String
    /// Whether sign-in is refused.
    public let isDisabled: Bool

    /// Creates the value.
    public init(
        id: UserID,
        email: String,
        name: String,
        roles: Set<Role>,
        passwordHash: String,
        isDisabled: Bool = false
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.roles = roles
        self.passwordHash = passwordHash
        self.isDisabled = isDisabled
    }
}

/// One sign-in of a person: the thing that is revoked.
public struct Session: Sendable, Hashable {
    /// The session's id, the `sid` claim.
    public let id: SessionID
    /// Whose it is.
    public let user: UserID
    /// SHA-256 of the browser's cookie secret.
    public let cookieHash: [UInt8]
    /// SHA-256 of the refresh token that is valid now.
    public var refreshHash: [UInt8]
    /// How often the refresh token was rotated.
    public var refreshGeneration: Int64
    /// When the session began.
    public let createdAt: Timestamp
    /// When it ends by itself.
    public let expiresAt: Timestamp
    /// When it was ended by its user, an admin or the reuse of a spent refresh token.
    public var revokedAt: Timestamp?

    /// Creates the value.
    public init(
        id: SessionID,
        user: UserID,
        cookieHash: [UInt8],
        refreshHash: [UInt8],
        refreshGeneration: Int64,
        createdAt: Timestamp,
        expiresAt: Timestamp,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.user = user
        self.cookieHash = cookieHash
        self.refreshHash = refreshHash
        self.refreshGeneration = refreshGeneration
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// Who is asking, as established by a token or a session cookie.
public struct Principal: Sendable, Hashable {
    /// The tenant everything is done in.
    public let tenant: Tenant
    /// The `sub` claim: a user's id, or the name of a service.
    public let subject: String
    /// How the caller is shown to others (an e-mail address, or the subject).
    public let displayName: String
    /// What the caller may do.
    public let roles: Set<Role>
    /// The session behind the caller; nil for a token minted for a script.
    public let session: SessionID?
    /// When the proof of identity ends.
    public let expiresAt: Timestamp

    /// Creates the value.
    public init(
        tenant: Tenant,
        subject: String,
        displayName: String,
        roles: Set<Role>,
        session: SessionID?,
        expiresAt: Timestamp
    ) {
        self.tenant = tenant
        self.subject = subject
        self.displayName = displayName
        self.roles = roles
        self.session = session
        self.expiresAt = expiresAt
    }

    /// Whether the caller holds at least one of `roles`; an admin holds all.
    public func hasRole(in roles: Set<Role>) -> Bool {
        self.roles.contains(.admin) || !self.roles.isDisjoint(with: roles)
    }
}
