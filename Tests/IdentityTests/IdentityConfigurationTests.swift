import Identity
import Testing

struct IdentityConfigurationTests {
    private func key(_ id: String = "k", bytes: Int = 32) throws(IdentityConfigurationError) -> SigningKey {
        try SigningKey(id: id, secret: Secret([UInt8](repeating: 7, count: bytes)))
    }

    @Test(arguments: [0, 1, 31])
    func aShortSecretIsRefusedNamingTheLimit(bytes: Int) {
        #expect(throws: IdentityConfigurationError.secretTooShort(bytes: bytes, minimum: 32)) { try key(bytes: bytes) }
        #expect(IdentityConfigurationError.secretTooShort(bytes: bytes, minimum: 32).description.contains("32"))
    }

    @Test func aLongEnoughSecretIsAccepted() throws {
        #expect(try key(bytes: 32).secret.reveal().count == 32)
        #expect(try key(bytes: 200).secret.reveal().count == 200)
    }

    @Test func twoKeysOfOneNameAreRefused() throws {
        let one = try key("a")
        #expect(throws: IdentityConfigurationError.duplicateKey(id: "a")) {
            try IdentityConfiguration(signingKey: one, retiredKeys: [one])
        }
    }

    @Test func defaultsAreThoseOfTheContract() throws {
        let configuration = try IdentityConfiguration(signingKey: key())
        #expect(configuration.accessTokenLifetime == 900)
        #expect(configuration.sessionLifetime == 43_200)
        #expect(configuration.standingLifetime == 30)
    }

    @Test func everyNumberHasItsLimits() throws {
        let key = try key()
        func field(_ make: () throws -> IdentityConfiguration) -> String? {
            do {
                _ = try make()
                return nil
            } catch let IdentityConfigurationError.outOfRange(field, _, _) {
                return field
            } catch {
                return "\(error)"
            }
        }
        #expect(field { try .init(signingKey: key, issuer: "") } == "issuer (bytes)")
        #expect(field { try .init(signingKey: key, audience: "") } == "audience (bytes)")
        #expect(field { try .init(signingKey: key, accessTokenLifetime: 9) } == "access token lifetime (seconds)")
        #expect(field { try .init(signingKey: key, sessionLifetime: 59) } == "session lifetime (seconds)")
        #expect(field { try .init(signingKey: key, clockLeeway: 61) } == "clock leeway (seconds)")
        #expect(field { try .init(signingKey: key, standingLifetime: -1) } == "standing lifetime (seconds)")
        #expect(field { try .init(signingKey: key, standingCapacity: 1) } == "standing capacity")
        #expect(field { try .init(signingKey: key, sessionLifetime: 60) } == nil)
        #expect(throws: IdentityConfigurationError.self) { try SigningKey(id: "", secret: key.secret) }
    }

    @Test func passwordParametersHaveTheirLimits() throws {
        #expect(throws: IdentityConfigurationError.self) { try PasswordHasher.Parameters(iterations: 0) }
        #expect(throws: IdentityConfigurationError.self) { try PasswordHasher.Parameters(memoryKiB: 7) }
        #expect(throws: IdentityConfigurationError.self) { try PasswordHasher.Parameters(parallelism: 17) }
        let standard = try PasswordHasher.Parameters()
        #expect((standard.memoryKiB, standard.iterations, standard.parallelism) == (19_456, 2, 1))
    }
}
