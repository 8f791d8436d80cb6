import Crypto
import JSON

@testable import Identity

/// Puts tokens together by hand, right ones and wrong ones.
struct TokenForge {
    var header: JSON = ["alg": "HS256", "typ": "JWT", "kid": "main"]
    var claims: JSON
    var secret = [UInt8](repeating: 1, count: 32)

    static let now: Int64 = 1_800_000_000
    static let tenant = "0190a1b2-0000-7000-8000-000000000001"
    static let session = "0190a1b2-0000-7000-8000-000000000002"

    init() {
        claims = [
            "sub": "subject", "tenant_id": .string(Self.tenant), "tenant": "acme", "roles": ["viewer", "agent"],
            "sid": .string(Self.session), "iss": "signalbox", "aud": "signalbox",
            "exp": JSON(Int(Self.now + 900)), "iat": JSON(Int(Self.now)), "nbf": JSON(Int(Self.now)), "jti": "1",
        ]
    }

    /// A token with one claim changed, or left out.
    static func with(_ claim: String, _ value: JSON?) -> TokenForge {
        var forge = TokenForge()
        guard case .object(var members) = forge.claims else { return forge }
        members[claim] = value
        forge.claims = .object(members)
        return forge
    }

    /// A token with another header.
    static func with(header: JSON) -> TokenForge {
        var forge = TokenForge()
        forge.header = header
        return forge
    }

    var token: String {
        let signed = "\(Base64URL.encode(header.serialized())).\(Base64URL.encode(claims.serialized()))"
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: secret))
        return "\(signed).\(Base64URL.encode(code))"
    }

    /// The token with another text in place of its signature.
    func token(signature: String) -> String {
        let parts = token.split(separator: ".")
        return "\(parts[0]).\(parts[1]).\(signature)"
    }
}
