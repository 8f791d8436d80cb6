import Crypto
import Domain

/// A refresh token: `<tenant>.<session>.<generation>.<secret>.<tag>`. Only the SHA-256 of the newest one's secret is stored.
///
/// The tag is a MAC over the rest with a key of this installation. Because of it a spent token is known to be one of ours
/// although its hash is gone, so that knowing a session's id is not enough to end it by a made-up "spent" token; and
/// garbage never reaches the database.
struct RefreshToken: Sendable, Equatable {
    static let secretLength = 32

    let key: SessionKey
    let generation: Int64
    let secret: [UInt8]

    init(key: SessionKey, generation: Int64, secret: [UInt8]) {
        self.key = key
        self.generation = generation
        self.secret = secret
    }

    /// Nil for anything that was not made by ``text(sealedWith:)`` with one of `keys`.
    init?(_ text: String, sealedWith keys: [SigningKey]) {
        guard text.utf8.count <= 256 else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, let tenant = TenantID(parts[0]), let session = SessionID(parts[1]),
            let generation = Int64(parts[2]), generation >= 0,
            let secret = Base64URL.decode(parts[3]), secret.count == Self.secretLength,
            let tag = Base64URL.decode(parts[4])
        else { return nil }
        self.init(key: SessionKey(tenant: tenant, session: session), generation: generation, secret: secret)
        let body = Array(body.utf8)
        let isOurs = keys.contains {
            HMAC<SHA256>.isValidAuthenticationCode(tag, authenticating: body, using: Self.sealingKey($0))
        }
        guard isOurs else { return nil }
    }

    func text(sealedWith key: SigningKey) -> String {
        let tag = HMAC<SHA256>.authenticationCode(for: Array(body.utf8), using: Self.sealingKey(key))
        return "\(body).\(Base64URL.encode(tag))"
    }

    /// What is stored.
    var hash: [UInt8] { Array(SHA256.hash(data: secret)) }

    /// Whether `stored` is this token's hash, in constant time.
    func matches(_ stored: [UInt8]) -> Bool { SHA256.hash(data: secret) == stored }

    private var body: String { "\(key.tenant).\(key.session).\(generation).\(Base64URL.encode(secret))" }

    /// A key of its own, so that a tag is never a signature of anything else (key separation).
    private static func sealingKey(_ key: SigningKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.secret.reveal()),
            info: Array("signalbox refresh token v1".utf8),
            outputByteCount: 32
        )
    }
}
