import Domain
import Testing

@testable import Identity

struct RefreshTokenTests {
    private let key = SessionKey(tenant: .generate(), session: .generate())
    private let current: SigningKey
    private let former: SigningKey

    init() throws {
        current = try SigningKey(id: "current", secret: Secret(RandomBytes.make(32)))
        former = try SigningKey(id: "former", secret: Secret(RandomBytes.make(32)))
    }

    private func token(generation: Int64 = 3) -> RefreshToken {
        RefreshToken(key: key, generation: generation, secret: RandomBytes.make(32))
    }

    @Test(arguments: [0, 1, 3, Int64.max])
    func theTextComesBack(generation: Int64) {
        let token = token(generation: generation)
        #expect(RefreshToken(token.text(sealedWith: current), sealedWith: [current]) == token)
    }

    @Test func aFormerKeyIsAcceptedAndAnUnknownOneNot() throws {
        let token = token()
        let text = token.text(sealedWith: former)
        #expect(RefreshToken(text, sealedWith: [current, former]) == token)
        #expect(RefreshToken(text, sealedWith: [current]) == nil)
        #expect(RefreshToken(text, sealedWith: []) == nil)
    }

    @Test func noPartCanBeExchanged() {
        let parts = token(generation: 3).text(sealedWith: current).split(separator: ".").map(String.init)
        let other = [
            TenantID.generate().text, SessionID.generate().text, "2", Base64URL.encode(RandomBytes.make(32)),
            Base64URL.encode(RandomBytes.make(32)),
        ]
        #expect(RefreshToken(parts.joined(separator: "."), sealedWith: [current]) != nil)
        for index in parts.indices {
            var changed = parts
            changed[index] = other[index]
            #expect(RefreshToken(changed.joined(separator: "."), sealedWith: [current]) == nil, "part \(index)")
        }
    }

    @Test func everyMalformationIsRefused() {
        let text = token().text(sealedWith: current)
        let parts = text.split(separator: ".").map(String.init)
        func with(_ index: Int, _ part: String) -> String {
            var parts = parts
            parts[index] = part
            return parts.joined(separator: ".")
        }
        let wrong = [
            "", "....", text + ".", text + "A", String(text.dropLast()), with(2, "-1"), with(2, ""), with(2, "x"),
            with(2, "9223372036854775808"), with(3, ""), with(4, ""), String(repeating: ".", count: 10_000),
        ]
        for text in wrong { #expect(RefreshToken(text, sealedWith: [current]) == nil, "\(text.prefix(200))") }
    }

    @Test func theHashTellsSecretsApart() {
        let token = token()
        #expect(token.matches(token.hash))
        #expect(!token.matches(self.token().hash))
        #expect(!token.matches([]))
    }
}
