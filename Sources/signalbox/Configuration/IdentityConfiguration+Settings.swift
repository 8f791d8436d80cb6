import Identity

extension IdentityConfiguration {
    /// Names the signing key in the tokens it signs.
    private static let keyName = "main"

    /// What the settings say about tokens and sessions.
    init(_ settings: Settings) throws(IdentityConfigurationError) {
        let secret = Secret(Array((settings.jwtSecret ?? "").utf8))
        try self.init(
            signingKey: SigningKey(id: Self.keyName, secret: secret),
            accessTokenLifetime: Int64(settings.accessTokenLifetime),
            sessionLifetime: Int64(settings.sessionLifetime)
        )
    }
}
