import Domain
import Testing

@testable import Identity

struct SessionCookieTests {
    private let key = SessionKey(tenant: .generate(), session: .generate())
    private let cookie: SessionCookie

    init() { cookie = SessionCookie(key: key, secret: RandomBytes.make(32)) }

    @Test func theTextComesBack() throws {
        #expect(cookie.text.hasPrefix("\(key.tenant).\(key.session)."))
        #expect(cookie.text.utf8.count == 36 + 1 + 36 + 1 + 43)
        #expect(SessionCookie(cookie.text) == cookie)
    }

    @Test func theHashIsThatOfTheSecretOnly() {
        #expect(cookie.hash.count == 32)
        #expect(cookie.matches(cookie.hash))
        #expect(!cookie.matches(SessionCookie(key: key, secret: RandomBytes.make(32)).hash))
        #expect(!cookie.matches(cookie.secret))
        #expect(!cookie.matches([]))
        #expect(!cookie.matches(Array(cookie.hash.dropLast())))
    }

    @Test func everyMalformationIsRefused() {
        let text = cookie.text
        let wrong = [
            "", ".", "..", "...", text + ".", text + "A", String(text.dropLast()), "." + text, text + "=", " " + text,
            "\(key.tenant)..\(Base64URL.encode(cookie.secret))", "x.\(key.session).\(Base64URL.encode(cookie.secret))",
            "\(key.tenant).\(key.session).", "\(key.tenant).\(key.session).\(Base64URL.encode(RandomBytes.make(31)))",
            String(repeating: "a", count: 100_000),
        ]
        for text in wrong { #expect(SessionCookie(text) == nil, "\(text.prefix(130))") }
    }

    @Test func theCSRFTokenBelongsToOneCookie() throws {
        let token = try #require(Sessions.csrfToken(cookie: cookie.text)).reveal()
        #expect(Sessions.verifyCSRF(cookie: cookie.text, header: token))
        #expect(Sessions.csrfToken(cookie: cookie.text)?.reveal() == token, "the same every time")
        let other = SessionCookie(key: key, secret: RandomBytes.make(32))
        #expect(!Sessions.verifyCSRF(cookie: other.text, header: token))
        #expect(!token.contains(Base64URL.encode(cookie.secret)))
    }

    @Test func otherHeadersAreRefused() throws {
        let token = try #require(Sessions.csrfToken(cookie: cookie.text)).reveal()
        let secret = Base64URL.encode(cookie.secret)
        for header in ["", token + "A", String(token.dropLast()), token.uppercased(), secret, cookie.text] {
            #expect(!Sessions.verifyCSRF(cookie: cookie.text, header: header), "\(header)")
        }
        #expect(!Sessions.verifyCSRF(cookie: "", header: token))
        #expect(!Sessions.verifyCSRF(cookie: "", header: ""))
        #expect(Sessions.csrfToken(cookie: "nonsense") == nil)
    }

    /// The derivation is part of the contract with browsers that hold a token across an upgrade.
    @Test func theDerivationDoesNotChange() throws {
        let tenant = try #require(TenantID("0190a1b2-0000-7000-8000-000000000001"))
        let session = try #require(SessionID("0190a1b2-0000-7000-8000-000000000002"))
        let fixed = SessionCookie(key: .init(tenant: tenant, session: session), secret: Array(0..<32))
        #expect(fixed.csrfToken == "D28AiHfFZEBmk8y2Ko7-kAwklDAOIhef8QTZZf99CAE")
        #expect(fixed.text.hasSuffix(".AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"))
    }
}
