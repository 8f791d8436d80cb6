import Crypto
import Domain

/// The value of the browser's session cookie: `<tenant>.<session>.<secret>`. Only the secret's SHA-256 is stored.
struct SessionCookie: Sendable, Equatable {
    static let secretLength = 32

    let key: SessionKey
    let secret: [UInt8]

    init(key: SessionKey, secret: [UInt8]) {
        self.key = key
        self.secret = secret
    }

    /// Nil for anything that no ``text`` is.
    init?(_ text: String) {
        guard text.utf8.count <= 128 else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let tenant = TenantID(parts[0]), let session = SessionID(parts[1]),
            let secret = Base64URL.decode(parts[2]), secret.count == Self.secretLength
        else { return nil }
        self.init(key: SessionKey(tenant: tenant, session: session), secret: secret)
    }

    var text: String { "\(key.tenant).\(key.session).\(Base64URL.encode(secret))" }

    /// What is stored.
    var hash: [UInt8] { Array(SHA256.hash(data: secret)) }

    /// Whether `stored` is this cookie's hash, in constant time.
    func matches(_ stored: [UInt8]) -> Bool { SHA256.hash(data: secret) == stored }

    /// The token that a page sends back in a header to prove that it could read it: a MAC of the cookie's secret, so that
    /// nothing more is stored, and the cookie does not follow from it.
    var csrfToken: String {
        Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Self.csrfLabel, using: SymmetricKey(data: secret)))
    }

    /// Whether `token` is this cookie's CSRF token, in constant time.
    func accepts(csrfToken token: String) -> Bool {
        guard token.utf8.count <= 64, let code = Base64URL.decode(token) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code,
            authenticating: Self.csrfLabel,
            using: SymmetricKey(data: secret)
        )
    }

    private static let csrfLabel = Array("signalbox csrf token v1".utf8)
}
