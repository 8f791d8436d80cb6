public import Domain
import JSON
import JWTKit

/// Mints and checks access tokens: JWTs (RFC 7519) signed with HMAC-SHA-256, and with nothing else (RFC 8725,
/// section 3.1).
///
/// Checking is synchronous and takes no lock: the signing algorithms are taken out of JWTKit's key collection once.
public struct AccessTokens: Sendable {
    /// The longest token that is looked at, in bytes.
    public static let maximumLength = 4096

    private let configuration: IdentityConfiguration
    private let keys: JWTKeyCollection
    private let algorithms: [String: any JWTAlgorithm]

    /// Creates tokens signed with the configuration's signing key.
    public init(configuration: IdentityConfiguration) async throws {
        self.configuration = configuration
        keys = JWTKeyCollection()
        var algorithms: [String: any JWTAlgorithm] = [:]
        for key in configuration.acceptedKeys {
            let kid = JWKIdentifier(string: key.id)
            await keys.add(hmac: HMACKey(from: key.secret.reveal()), digestAlgorithm: .sha256, kid: kid)
            algorithms[key.id] = try await keys.getKey(for: kid)
        }
        self.algorithms = algorithms
    }

    /// Makes a token.
    /// - Parameters:
    ///   - subject: a user's id, or the name of a service.
    ///   - session: nil for a token that no sign-out ends, for scripts.
    ///   - lifetime: seconds, at least 1; the configured one unless told.
    /// - Throws: ``TokenError/tooLong(limit:)`` when subject and tenant name are so long that it would not be accepted.
    public func mint(
        subject: String,
        tenant: Tenant,
        roles: Set<Role>,
        session: SessionID?,
        lifetime: Int64? = nil,
        now: Timestamp
    ) async throws -> Secret<String> {
        let claims = AccessClaims(
            subject: subject,
            tenantID: tenant.id.text,
            tenantName: tenant.name,
            roles: Role.allCases.filter(roles.contains).map(\.rawValue),
            session: session?.text,
            issuer: configuration.issuer,
            audience: configuration.audience,
            expiresAt: now.seconds + max(1, lifetime ?? configuration.accessTokenLifetime),
            issuedAt: now.seconds,
            notBefore: now.seconds,
            id: Base64URL.encode(RandomBytes.make(16))
        )
        let text = try await keys.sign(claims, kid: JWKIdentifier(string: configuration.signingKey.id))
        guard text.utf8.count <= Self.maximumLength else { throw TokenError.tooLong(limit: Self.maximumLength) }
        return Secret(text)
    }

    /// Who the token speaks for, if it is in force at `now`.
    ///
    /// Whether its session was revoked is not known here: see ``Sessions/principal(bearer:now:)``.
    /// - Throws: ``TokenError``.
    public func verify(_ token: String, now: Timestamp) throws(TokenError) -> Principal {
        guard token.utf8.count <= Self.maximumLength else { throw .tooLong(limit: Self.maximumLength) }
        let claims = try authenticatedClaims(of: token)
        for time in [claims.expiresAt, claims.issuedAt, claims.notBefore]
        where !AccessClaims.allowedTimes.contains(time) {
            throw .malformed
        }
        guard claims.issuer == configuration.issuer else { throw .wrongIssuer }
        guard claims.audience == configuration.audience else { throw .wrongAudience }
        guard now.seconds < claims.expiresAt + configuration.clockLeeway else { throw .expired }
        guard now.seconds >= claims.notBefore - configuration.clockLeeway else { throw .notYetValid }
        return try principal(of: claims)
    }

    /// Nothing of the payload is looked at before the signature is known to be ours.
    private func authenticatedClaims(of token: String) throws(TokenError) -> AccessClaims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]) else { throw .malformed }
        guard let headerText = Base64URL.decode(parts[0]), let header = try? JSON.parse(headerText),
            header.object != nil
        else { throw .malformed }
        guard header["alg"]?.string == "HS256" else { throw .algorithmNotAllowed }
        // RFC 7515, section 4.1.11: extensions that must be understood are not, so the token is refused.
        guard header["crit"] == nil else { throw .malformed }
        guard let algorithm = header["kid"]?.string.flatMap({ algorithms[$0] }) else { throw .unknownKey }
        let signed = Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
        guard (try? algorithm.verify(signature, signs: signed)) == true else { throw .badSignature }
        do {
            return try DefaultJWTParser().parse(Array(token.utf8), as: AccessClaims.self).payload
        } catch {
            throw .malformed
        }
    }

    private func principal(of claims: AccessClaims) throws(TokenError) -> Principal {
        guard let tenant = TenantID(claims.tenantID), !claims.subject.isEmpty else { throw .malformed }
        var roles: Set<Role> = []
        for name in claims.roles {
            guard let role = Role(rawValue: name) else { throw .unknownRole }
            roles.insert(role)
        }
        var session: SessionID?
        if let text = claims.session {
            guard let id = SessionID(text) else { throw .malformed }
            session = id
        }
        return Principal(
            tenant: Tenant(id: tenant, name: claims.tenantName),
            subject: claims.subject,
            displayName: claims.subject,
            roles: roles,
            session: session,
            expiresAt: Timestamp(microseconds: claims.expiresAt * 1_000_000)
        )
    }
}
