/// A secret that signs tokens, with the name (`kid`) by which a token says which one signed it.
public struct SigningKey: Sendable {
    /// The shortest secret that is accepted, in bytes: the output size of SHA-256 (RFC 7518, section 3.2).
    public static let minimumSecretLength = 32

    /// The `kid` header of tokens it signs.
    public let id: String
    /// The secret itself.
    public let secret: Secret<[UInt8]>

    /// Creates a key.
    /// - Throws: ``IdentityConfigurationError/secretTooShort(bytes:minimum:)``, or
    ///   ``IdentityConfigurationError/outOfRange(field:value:allowed:)`` for a name that is not 1…64 bytes long.
    public init(id: String, secret: Secret<[UInt8]>) throws(IdentityConfigurationError) {
        try IdentityConfiguration.check(Int64(id.utf8.count), in: 1...64, of: "signing key id (bytes)")
        let length = secret.reveal().count
        guard length >= Self.minimumSecretLength else {
            throw .secretTooShort(bytes: length, minimum: Self.minimumSecretLength)
        }
        self.id = id
        self.secret = secret
    }
}

/// Everything about identity that an operator can set. Values are checked once, here.
public struct IdentityConfiguration: Sendable {
    /// Signs new tokens.
    public let signingKey: SigningKey
    /// Former keys whose tokens are still accepted, so that a key can be replaced without signing everybody out.
    public let retiredKeys: [SigningKey]
    /// The `iss` claim.
    public let issuer: String
    /// The `aud` claim.
    public let audience: String
    /// How long an access token is valid, in seconds.
    public let accessTokenLifetime: Int64
    /// How long a session lasts from sign-in, whatever is refreshed, in seconds.
    public let sessionLifetime: Int64
    /// How far clocks may differ when a token's times are checked, in seconds.
    public let clockLeeway: Int64
    /// How long a session's standing is believed without asking the database, in seconds. Revocation does not wait for
    /// it; it bounds the damage when a notification is lost, and delays a changed role or a disabled user.
    public let standingLifetime: Int64
    /// How many sessions' standings are remembered.
    public let standingCapacity: Int
    /// What the throttle in front of sign-in allows.
    public let throttle: ThrottleLimits

    /// Creates a configuration.
    /// - Parameters:
    ///   - accessTokenLifetime: 10 s…24 h, 15 min unless told.
    ///   - sessionLifetime: 60 s…30 d, 12 h unless told.
    ///   - clockLeeway: 0…60 s.
    ///   - standingLifetime: 0…300 s.
    ///   - standingCapacity: 2…1,000,000.
    /// - Throws: ``IdentityConfigurationError`` naming the field and what it may be.
    public init(
        signingKey: SigningKey,
        retiredKeys: [SigningKey] = [],
        issuer: String = "signalbox",
        audience: String = "signalbox",
        accessTokenLifetime: Int64 = 15 * 60,
        sessionLifetime: Int64 = 12 * 60 * 60,
        clockLeeway: Int64 = 5,
        standingLifetime: Int64 = 30,
        standingCapacity: Int = 16_384,
        throttle: ThrottleLimits = ThrottleLimits()
    ) throws(IdentityConfigurationError) {
        var names: Set = [signingKey.id]
        for key in retiredKeys where !names.insert(key.id).inserted { throw .duplicateKey(id: key.id) }
        try Self.check(Int64(issuer.utf8.count), in: 1...256, of: "issuer (bytes)")
        try Self.check(Int64(audience.utf8.count), in: 1...256, of: "audience (bytes)")
        try Self.check(accessTokenLifetime, in: 10...86_400, of: "access token lifetime (seconds)")
        try Self.check(sessionLifetime, in: 60...2_592_000, of: "session lifetime (seconds)")
        try Self.check(clockLeeway, in: 0...60, of: "clock leeway (seconds)")
        try Self.check(standingLifetime, in: 0...300, of: "standing lifetime (seconds)")
        try Self.check(Int64(standingCapacity), in: 2...1_000_000, of: "standing capacity")
        self.signingKey = signingKey
        self.retiredKeys = retiredKeys
        self.issuer = issuer
        self.audience = audience
        self.accessTokenLifetime = accessTokenLifetime
        self.sessionLifetime = sessionLifetime
        self.clockLeeway = clockLeeway
        self.standingLifetime = standingLifetime
        self.standingCapacity = standingCapacity
        self.throttle = throttle
    }

    /// All keys whose tokens are accepted.
    var acceptedKeys: [SigningKey] { [signingKey] + retiredKeys }

    static func check(
        _ value: Int64,
        in allowed: ClosedRange<Int64>,
        of field: String
    ) throws(IdentityConfigurationError) {
        guard allowed.contains(value) else { throw .outOfRange(field: field, value: value, allowed: allowed) }
    }
}

/// Why a configuration of identity is not accepted.
public enum IdentityConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The signing secret has too few bytes.
    case secretTooShort(bytes: Int, minimum: Int)
    /// Two keys have the same name.
    case duplicateKey(id: String)
    /// A number, or the length of a text, is outside its limits.
    case outOfRange(field: String, value: Int64, allowed: ClosedRange<Int64>)

    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .secretTooShort(let bytes, let minimum):
            "The signing secret is \(bytes) bytes long; it must be at least \(minimum)."
        case .duplicateKey(let id):
            "Two signing keys are called \"\(id)\"; each needs a name of its own."
        case .outOfRange(let field, let value, let allowed):
            "\(field) is \(value); it must be \(allowed.lowerBound)…\(allowed.upperBound)."
        }
    }
}
