public import Domain
import JSON

extension Sessions {
    /// How the store judged a refresh token. Decided inside the transaction, acted on after its commit: a thrown error
    /// would roll back the revocation it reports.
    private enum Verdict: Sendable {
        case rotated(Session, User)
        case refused
        case reused
    }

    /// Spends a refresh token for a new pair of tokens.
    ///
    /// A token that was spent before is a stolen one, or was stolen from: the whole session ends, and whoever holds any of
    /// its tokens signs in again (RFC 9700, section 4.14.2). The session's end is not moved.
    /// - Throws: ``AuthError/invalidRefreshToken``; `StoreError`.
    public func refresh(token text: String, from origin: RequestOrigin, now: Timestamp) async throws -> SignIn {
        guard let token = RefreshToken(text, sealedWith: configuration.acceptedKeys),
            token.generation < Int64.max,
            let tenant = try await tenants.tenant(token.key.tenant)
        else { throw AuthError.invalidRefreshToken }
        let next = RefreshToken(
            key: token.key,
            generation: token.generation + 1,
            secret: RandomBytes.make(RefreshToken.secretLength)
        )
        let verdict = try await TenantContext.with(tenant.id) {
            try await store.transaction { try await self.judge(token, next, $0, from: origin, now: now) }
        }
        switch verdict {
        case .rotated(let session, let user):
            return try await signIn(user, in: tenant, session, next, nil, now: now)
        case .refused:
            throw AuthError.invalidRefreshToken
        case .reused:
            cache.revoke(token.key)
            throw AuthError.invalidRefreshToken
        }
    }

    private func judge(
        _ token: RefreshToken,
        _ next: RefreshToken,
        _ transaction: any StoreTransaction,
        from origin: RequestOrigin,
        now: Timestamp
    ) async throws -> Verdict {
        let identity = transaction.identity
        guard let session = try await identity.session(token.key.session), session.revokedAt == nil,
            now < session.expiresAt, let user = try await identity.user(session.user), !user.isDisabled
        else { return .refused }
        if token.generation == session.refreshGeneration {
            guard token.matches(session.refreshHash) else { return .refused }
            // Refused means that the same token was spent by somebody else in this very moment.
            if try await identity.rotate(session.id, ifGeneration: token.generation, to: next.hash) {
                return .rotated(session, user)
            }
        } else if token.generation > session.refreshGeneration {
            // Newer than the newest: the database was restored from a backup.
            return .refused
        }
        guard try await identity.revoke(session.id, at: now) else { return .refused }
        let actor = AuditEntry.identityActor
        let generation = String(token.generation)
        try await transaction.audit.append(
            .session(session.id, .reuseDetected, by: actor, from: origin, at: now, ["generation": .string(generation)])
        )
        try await transaction.audit.append(
            .session(session.id, .revoked, by: actor, from: origin, at: now, ["reason": "refresh_token_reuse"])
        )
        return .reused
    }
}
