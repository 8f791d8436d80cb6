import Crypto
public import Domain
import Foundation

extension WebhookSecret {
    /// Bytes of a new secret; the specification asks for 24 to 64.
    private static let count = 32
    private static let prefix = "whsec_"

    /// Makes a secret that nobody can predict.
    public static func generate() -> WebhookSecret {
        var generator = SystemRandomNumberGenerator()
        return WebhookSecret(bytes: (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The form in which its owner gets it: `whsec_` and Base64.
    public var text: String { Self.prefix + Data(bytes).base64EncodedString() }

    /// The signature of a message: `v1,` and the Base64 of the HMAC-SHA-256 of id, time and content, with full stops between.
    /// - Parameter seconds: since 1970-01-01T00:00:00Z.
    func signature(id: String, seconds: Int64, body: [UInt8]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        code.update(data: Array("\(id).\(seconds).".utf8))
        code.update(data: body)
        return "v1," + Data(code.finalize()).base64EncodedString()
    }
}
