import Crypto
import Domain
import JSON
import Testing

@testable import Identity

struct AccessTokensTests {
    private let tokens: AccessTokens
    private let now = Timestamp(microseconds: TokenForge.now * 1_000_000)
    private let tenant = Tenant(id: .generate(), name: "acme")

    init() async throws {
        let retired = try SigningKey(id: "old", secret: Secret([UInt8](repeating: 2, count: 40)))
        tokens = try await AccessTokens(configuration: Self.configuration(retired: [retired]))
    }

    private static func configuration(
        secret: UInt8 = 1,
        retired: [SigningKey] = []
    ) throws -> IdentityConfiguration {
        let key = try SigningKey(id: "main", secret: Secret([UInt8](repeating: secret, count: 32)))
        return try IdentityConfiguration(signingKey: key, retiredKeys: retired, clockLeeway: 5)
    }

    private func error(_ token: String, at offset: Int64 = 0) -> TokenError? {
        do {
            _ = try tokens.verify(token, now: now.adding(seconds: offset))
            return nil
        } catch {
            return error
        }
    }

    // MARK: Minting

    @Test func whatIsMintedIsAccepted() async throws {
        let session = SessionID.generate()
        let token = try await tokens.mint(
            subject: "u1",
            tenant: tenant,
            roles: [.reviewer, .operator],
            session: session,
            now: now
        )
        let principal = try tokens.verify(token.reveal(), now: now)
        #expect(principal.tenant == tenant)
        #expect(principal.subject == "u1")
        #expect(principal.roles == [.reviewer, .operator])
        #expect(principal.session == session)
        #expect(principal.expiresAt == now.adding(seconds: 900))
    }

    @Test func theClaimsAreThoseOfTheContract() async throws {
        let token = try await tokens.mint(
            subject: "u1",
            tenant: tenant,
            roles: [.admin],
            session: .generate(),
            now: now
        )
        let parts = token.reveal().split(separator: ".")
        let header = try JSON.parse(try #require(Base64URL.decode(parts[0])))
        #expect(header == ["alg": "HS256", "typ": "JWT", "kid": "main"])
        let claims = try JSON.parse(try #require(Base64URL.decode(parts[1])))
        let names = Set(try #require(claims.object).map(\.key))
        let contract = ["sub", "tenant_id", "tenant", "roles", "sid", "iss", "aud", "exp", "iat", "nbf", "jti"]
        #expect(names == Set(contract))
        #expect(claims["aud"]?.string == "signalbox")
        #expect(claims["exp"]?.int == Int(TokenForge.now) + 900)
    }

    @Test func aScriptsTokenHasNoSessionAndItsOwnLifetime() async throws {
        let token = try await tokens.mint(
            subject: "loadtest",
            tenant: tenant,
            roles: [.agent],
            session: nil,
            lifetime: 86_400,
            now: now
        )
        let principal = try tokens.verify(token.reveal(), now: now.adding(seconds: 86_000))
        #expect(principal.session == nil)
        #expect(principal.displayName == "loadtest")
    }

    @Test func everyTokenHasItsOwnID() async throws {
        var seen: Set<String> = []
        for _ in 0..<5 {
            let token = try await tokens.mint(subject: "u", tenant: tenant, roles: [], session: nil, now: now)
            seen.insert(token.reveal())
        }
        #expect(seen.count == 5)
    }

    @Test func nothingIsMintedThatWouldNotBeAccepted() async throws {
        await #expect(throws: TokenError.tooLong(limit: 4096)) {
            let subject = String(repeating: "s", count: 4096)
            return try await tokens.mint(subject: subject, tenant: tenant, roles: [], session: nil, now: now)
        }
    }

    // MARK: Accepting

    @Test func aTokenMadeByHandIsAccepted() throws {
        let principal = try tokens.verify(TokenForge().token, now: now)
        #expect(principal.tenant.id.text == TokenForge.tenant)
        #expect(principal.session?.text == TokenForge.session)
        #expect(principal.roles == [.viewer, .agent])
    }

    @Test func aRetiredKeyStillVerifies() throws {
        var forge = TokenForge.with(header: ["alg": "HS256", "kid": "old"])
        forge.secret = [UInt8](repeating: 2, count: 40)
        #expect(error(forge.token) == nil)
    }

    // MARK: Refusing

    @Test(arguments: ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "hs256", "EdDSA", ""])
    func anotherAlgorithmIsRefused(name: String) {
        let forge = TokenForge.with(header: ["alg": .string(name), "kid": "main"])
        #expect(error(forge.token) == .algorithmNotAllowed)
        #expect(error(forge.token(signature: "")) == .algorithmNotAllowed)
    }

    @Test func noAlgorithmIsRefused() {
        #expect(error(TokenForge.with(header: ["kid": "main"]).token) == .algorithmNotAllowed)
        #expect(error(TokenForge.with(header: ["alg": 256, "kid": "main"]).token) == .algorithmNotAllowed)
    }

    @Test func anHS512SignatureUnderAnHS256HeaderIsRefused() {
        let parts = TokenForge().token.split(separator: ".")
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let key = SymmetricKey(data: TokenForge().secret)
        let code = HMAC<SHA512>.authenticationCode(for: signed, using: key)
        #expect(error(TokenForge().token(signature: Base64URL.encode(code))) == .badSignature)
    }

    @Test func anUnknownOrMissingKeyIsRefused() {
        #expect(error(TokenForge.with(header: ["alg": "HS256", "kid": "other"]).token) == .unknownKey)
        #expect(error(TokenForge.with(header: ["alg": "HS256"]).token) == .unknownKey)
        #expect(error(TokenForge.with(header: ["alg": "HS256", "kid": 1]).token) == .unknownKey)
    }

    @Test func theNameOfOneKeyWithTheSecretOfAnotherIsRefused() {
        #expect(error(TokenForge.with(header: ["alg": "HS256", "kid": "old"]).token) == .badSignature)
    }

    @Test func anotherSecretIsRefused() {
        var forge = TokenForge()
        forge.secret[31] = 0
        #expect(error(forge.token) == .badSignature)
    }

    @Test func anyChangedCharacterIsRefused() {
        let token = Array(TokenForge().token.utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(error(String(decoding: changed, as: UTF8.self)) != nil, "character \(index)")
        }
    }

    @Test func anUnknownCriticalExtensionIsRefused() {
        let forge = TokenForge.with(header: ["alg": "HS256", "kid": "main", "crit": ["exp"]])
        #expect(error(forge.token) == .malformed)
    }

    @Test func anExpiredTokenIsRefused() {
        let token = TokenForge().token
        #expect(error(token, at: 899) == nil)
        #expect(error(token, at: 904) == nil, "within the leeway")
        #expect(error(token, at: 905) == .expired)
        #expect(error(token, at: 100_000) == .expired)
    }

    @Test func aTokenOfTheFutureIsRefused() {
        let token = TokenForge.with("nbf", JSON(Int(TokenForge.now + 60))).token
        #expect(error(token) == .notYetValid)
        #expect(error(token, at: 54) == .notYetValid)
        #expect(error(token, at: 55) == nil, "within the leeway")
    }

    @Test func anotherIssuerOrAudienceIsRefused() {
        #expect(error(TokenForge.with("iss", "evil").token) == .wrongIssuer)
        #expect(error(TokenForge.with("aud", "evil").token) == .wrongAudience)
    }

    @Test(arguments: ["root", "Admin", "", "viewer "])
    func anUnknownRoleIsRefused(name: String) {
        #expect(error(TokenForge.with("roles", ["viewer", .string(name)]).token) == .unknownRole)
    }

    @Test(arguments: ["sub", "tenant_id", "tenant", "roles", "iss", "aud", "exp", "iat", "nbf", "jti"])
    func aMissingClaimIsRefused(claim: String) {
        #expect(error(TokenForge.with(claim, nil).token) == .malformed)
        #expect(error(TokenForge.with(claim, .null).token) == .malformed)
        #expect(error(TokenForge.with(claim, [[]]).token) == .malformed)
    }

    @Test(
        arguments: [
            ("tenant_id", "acme"), ("sid", "1"), ("sid", ""), ("sub", ""), ("aud", []),
            ("exp", 9_223_372_036_854_775_807),
            ("exp", -1), ("nbf", -9_223_372_036_854_775_808), ("iat", 253_402_300_800), ("exp", "1800000900"),
        ] as [(String, JSON)]
    )
    func anUnusableClaimIsRefused(claim: String, value: JSON) {
        #expect(error(TokenForge.with(claim, value).token) == .malformed)
    }

    @Test(arguments: ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "W10.e30.AA", "💥.💥.💥", "\0.\0.\0"])
    func whatIsNoTokenIsRefused(text: String) {
        #expect([.malformed, .algorithmNotAllowed].contains(error(text)))
    }

    @Test func aFourthPartOrAMissingOneIsRefused() {
        let token = TokenForge().token
        #expect(error(token + ".") == .malformed)
        #expect(error(token + ".AA") == .malformed)
        #expect(error(token.split(separator: ".").prefix(2).joined(separator: ".")) == .malformed)
        #expect(error(token + "=") == .malformed)
    }

    @Test func anOverlongTokenIsNotLookedAt() {
        let forge = TokenForge.with("sub", .string(String(repeating: "x", count: 4000)))
        #expect(error(forge.token) == .tooLong(limit: 4096))
        #expect(error(String(repeating: "a", count: 4097)) == .tooLong(limit: 4096))
        #expect(error(String(repeating: "a", count: 4096)) == .malformed)
    }
}
