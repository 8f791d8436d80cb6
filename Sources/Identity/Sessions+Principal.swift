public import Domain

extension Sessions {
    /// Who the holder of an access token is. Costs a query when the token's session was not seen lately.
    /// - Throws: ``AuthError/invalidToken(_:)``, ``AuthError/sessionEnded``; `StoreError`.
    public func principal(bearer token: String, now: Timestamp) async throws -> Principal {
        let principal: Principal
        do {
            principal = try tokens.verify(token, now: now)
        } catch {
            throw AuthError.invalidToken(error)
        }
        guard let session = principal.session else { return principal }
        let key = SessionKey(tenant: principal.tenant.id, session: session)
        guard case .live(let live) = try await standing(of: key, now: now), live.user.text == principal.subject else {
            throw AuthError.sessionEnded
        }
        return Principal(
            tenant: principal.tenant,
            subject: principal.subject,
            displayName: live.principal.displayName,
            roles: principal.roles,
            session: session,
            expiresAt: min(principal.expiresAt, live.principal.expiresAt)
        )
    }

    /// Who the holder of a session cookie is. Costs a query when the session was not seen lately.
    /// - Throws: ``AuthError/sessionEnded`` for everything that is not the cookie of a session in force; `StoreError`.
    public func principal(cookie text: String, now: Timestamp) async throws -> Principal {
        guard let cookie = SessionCookie(text),
            case .live(let live) = try await standing(of: cookie.key, now: now),
            cookie.matches(live.cookieHash)
        else { throw AuthError.sessionEnded }
        return live.principal
    }

    /// Whether `header` is the CSRF token that belongs to the session cookie. Compares in constant time.
    ///
    /// It does not say whether the cookie is in force.
    public static func verifyCSRF(cookie: String, header: String) -> Bool {
        SessionCookie(cookie)?.accepts(csrfToken: header) ?? false
    }

    /// The CSRF token that belongs to a session cookie, for a browser that lost its own; nil for a malformed cookie.
    public static func csrfToken(cookie: String) -> Secret<String>? {
        SessionCookie(cookie).map { Secret($0.csrfToken) }
    }

    private func standing(of key: SessionKey, now: Timestamp) async throws -> SessionStanding? {
        if let known = cache.standing(of: key, now: now) { return known }
        let ticket = cache.ticket
        guard let tenant = try await tenants.tenant(key.tenant) else { return nil }
        let found = try await TenantContext.with(tenant.id) {
            try await store.transaction(.snapshot) { transaction -> (session: Session, user: User?)? in
                guard let session = try await transaction.identity.session(key.session) else { return nil }
                return (session, try await transaction.identity.user(session.user))
            }
        }
        // A session that never existed is not remembered: made-up ids would push out those of people.
        guard let (session, user) = found else { return nil }
        guard session.revokedAt == nil, now < session.expiresAt, let user, !user.isDisabled else {
            // A disabled user may be enabled again, and a clock set back: only a revocation is for good.
            if session.revokedAt != nil { cache.keep(.ended, of: key, ticket: ticket, now: now) }
            return .ended
        }
        let principal = Principal(
            tenant: tenant,
            subject: user.id.text,
            displayName: user.email,
            roles: user.roles,
            session: session.id,
            expiresAt: session.expiresAt
        )
        let standing = SessionStanding.live(
            LiveSession(user: user.id, cookieHash: session.cookieHash, principal: principal)
        )
        cache.keep(standing, of: key, ticket: ticket, now: now)
        return standing
    }
}
