public import Domain
import JSON
import Reactor

/// Signing in, staying signed in, and being signed out.
///
/// One instance serves all workers of a process; ``receive(_:)`` must be given the store's notifications, or a session
/// that another process revoked is believed here for up to ``IdentityConfiguration/standingLifetime``.
public final class Sessions: Sendable {
    /// The lengths of a tenant's name that are accepted at sign-in, in bytes.
    public static let allowedTenantLength = 1...128
    /// The lengths of an e-mail address that are accepted at sign-in, in bytes (RFC 5321, section 4.5.3.1.3).
    public static let allowedEmailLength = 3...254

    let configuration: IdentityConfiguration
    let store: any Store
    let tenants: any TenantDirectory
    let tokens: AccessTokens
    let cache: SessionCache
    private let hasher: PasswordHasher
    private let throttle: LoginThrottle

    /// Creates the service.
    public init(
        configuration: IdentityConfiguration,
        store: any Store,
        tenants: any TenantDirectory,
        tokens: AccessTokens,
        hasher: PasswordHasher
    ) {
        self.configuration = configuration
        self.store = store
        self.tenants = tenants
        self.tokens = tokens
        self.hasher = hasher
        cache = SessionCache(lifetime: configuration.standingLifetime, capacity: configuration.standingCapacity)
        throttle = LoginThrottle(limits: configuration.throttle)
    }

    /// Signs a person in and begins a session.
    ///
    /// Unknown tenants and users cost a password hash like known ones, so that the time of the answer says nothing about
    /// users either.
    /// - Throws: ``AuthError/invalidCredentials``, ``AuthError/tooManyAttempts(retryAfter:)``,
    ///   ``AuthError/invalidField(name:allowedBytes:)``, ``AuthError/busy``; `StoreError`; ``PasswordError/failed(code:)``.
    public func login(
        tenant tenantName: String,
        email: String,
        password: Secret<String>,
        from origin: RequestOrigin,
        now: Timestamp
    ) async throws -> SignIn {
        try Self.check(tenantName, Self.allowedTenantLength, "tenant")
        try Self.check(email, Self.allowedEmailLength, "email")
        try Self.check(password.reveal(), PasswordHasher.allowedLength, "password")
        // The database's texts end at a zero byte: "ann\0x" must not be counted apart from "ann" and then found as "ann".
        guard !tenantName.utf8.contains(0), !email.utf8.contains(0) else { throw AuthError.invalidCredentials }
        let email = email.lowercased()
        let admission = try throttle.admit(tenant: tenantName, email: email, address: origin.address, now: now)
        do {
            let (tenant, user) = try await authenticate(tenantName, email, password, from: origin, now: now)
            let signIn = try await begin(user, in: tenant, from: origin, now: now)
            throttle.succeeded(admission)
            return signIn
        } catch AuthError.invalidCredentials {
            throw AuthError.invalidCredentials
        } catch {
            throttle.withdraw(admission)
            throw error is BlockingPoolFull ? AuthError.busy : error
        }
    }

    /// Ends the caller's session. Its cookie, access tokens and refresh token are refused from now on.
    /// - Returns: false when there is nothing to end: the caller has no session, or it had ended before.
    /// - Throws: `StoreError`.
    @discardableResult
    public func logout(_ principal: Principal, from origin: RequestOrigin, now: Timestamp) async throws -> Bool {
        guard let session = principal.session else { return false }
        let hasEnded = try await TenantContext.with(principal.tenant.id) {
            try await store.transaction { transaction in
                guard try await transaction.identity.revoke(session, at: now) else { return false }
                try await transaction.audit.append(
                    .session(session, .revoked, by: principal.subject, from: origin, at: now, ["reason": "sign_out"])
                )
                return true
            }
        }
        cache.revoke(SessionKey(tenant: principal.tenant.id, session: session))
        return hasEnded
    }

    /// Learns what other processes did.
    public func receive(_ notification: StoreNotification) {
        switch notification {
        case .sessionRevoked(let tenant, let session): cache.revoke(SessionKey(tenant: tenant, session: session))
        case .mayHaveMissed: cache.forgetLive()
        case .stream, .work, .workGivenBack, .deliveries, .cannotHear: break
        }
    }

    private func authenticate(
        _ tenantName: String,
        _ email: String,
        _ password: Secret<String>,
        from origin: RequestOrigin,
        now: Timestamp
    ) async throws -> (Tenant, User) {
        let tenant = try await tenants.tenant(named: tenantName)
        // An unknown tenant gets the same query, in the context of a tenant that cannot exist.
        let user = try await TenantContext.with(tenant?.id ?? .generate()) {
            try await store.transaction(.snapshot) { try await $0.identity.user(email: email) }
        }
        let isMatch = try await hasher.verify(password, against: user?.passwordHash)
        guard let tenant else { throw AuthError.invalidCredentials }
        guard let user, isMatch, !user.isDisabled else {
            let reason = user == nil ? "unknown_user" : isMatch ? "disabled" : "wrong_password"
            // The address that was typed is not kept: people type passwords there.
            let entry = AuditEntry(
                at: now,
                actor: AuditEntry.identityActor,
                channel: origin.channel,
                action: "session.refused",
                subject: user.map { "user:\($0.id)" } ?? "tenant:\(tenant.id)",
                detail: ["reason": .string(reason), "address": .string(origin.address)]
            )
            try await TenantContext.with(tenant.id) {
                try await store.transaction { try await $0.audit.append(entry) }
            }
            throw AuthError.invalidCredentials
        }
        return (tenant, user)
    }

    private func begin(_ user: User, in tenant: Tenant, from origin: RequestOrigin, now: Timestamp) async throws
        -> SignIn
    {
        let key = SessionKey(tenant: tenant.id, session: .generate())
        let cookie = SessionCookie(key: key, secret: RandomBytes.make(SessionCookie.secretLength))
        let refresh = RefreshToken(key: key, generation: 0, secret: RandomBytes.make(RefreshToken.secretLength))
        let session = Session(
            id: key.session,
            user: user.id,
            cookieHash: cookie.hash,
            refreshHash: refresh.hash,
            refreshGeneration: refresh.generation,
            createdAt: now,
            expiresAt: now.adding(seconds: configuration.sessionLifetime)
        )
        let browser = SignIn.Browser(
            cookie: Secret(cookie.text),
            csrfToken: Secret(cookie.csrfToken),
            expiresAt: session.expiresAt
        )
        let signIn = try await signIn(user, in: tenant, session, refresh, browser, now: now)
        try await TenantContext.with(tenant.id) {
            try await store.transaction { transaction in
                try await transaction.identity.insert(session)
                try await transaction.audit.append(
                    .session(session.id, .created, by: user.id.text, from: origin, at: now, [:])
                )
            }
        }
        return signIn
    }

    /// Tokens for a session; the access token never outlives it.
    func signIn(
        _ user: User,
        in tenant: Tenant,
        _ session: Session,
        _ refresh: RefreshToken,
        _ browser: SignIn.Browser?,
        now: Timestamp
    ) async throws -> SignIn {
        let lifetime = max(1, min(configuration.accessTokenLifetime, session.expiresAt.seconds - now.seconds))
        let accessToken = try await tokens.mint(
            subject: user.id.text,
            tenant: tenant,
            roles: user.roles,
            session: session.id,
            lifetime: lifetime,
            now: now
        )
        return SignIn(
            accessToken: accessToken,
            expiresIn: lifetime,
            refreshToken: Secret(refresh.text(sealedWith: configuration.signingKey)),
            session: session.id,
            tenant: tenant,
            user: SignIn.Person(user),
            browser: browser
        )
    }

    private static func check(_ text: String, _ allowed: ClosedRange<Int>, _ name: String) throws(AuthError) {
        guard allowed.contains(text.utf8.count) else { throw .invalidField(name: name, allowedBytes: allowed) }
    }
}
