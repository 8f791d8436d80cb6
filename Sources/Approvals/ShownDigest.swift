import Crypto
public import Domain
public import JSON

extension JSON {
    /// `sha256:` and the hex SHA-256 of the RFC 8785 canonical form: the same for the same value, and for no other.
    public var sha256: String { "sha256:" + SHA256.hash(data: canonical()).hex }
}

extension PromptDraft {
    /// `sha256:` and the hex SHA-256 of the RFC 8785 canonical form of what a person decides on: what is shown, the
    /// proposed action, the form and the verbs.
    public var digest: String {
        let bound: JSON = [
            "title": JSON(title),
            "message": JSON(message),
            "shown": shown,
            "action": action ?? .null,
            "response_schema": responseSchema ?? .null,
            "allowed": .array(allowed.map { JSON($0.rawValue) }),
        ]
        return bound.sha256
    }
}

extension Decision {
    /// Hex SHA-256 of the canonical form of everything but the key: tells a repetition from another decision.
    var bodyDigest: String {
        let body: JSON = [
            "verb": JSON(verb.rawValue),
            "response": response ?? .null,
            "arguments": arguments ?? .null,
            "reason": reason.map { JSON($0) } ?? .null,
            "shown_digest": JSON(shownDigest),
            "version": version.map { JSON($0) } ?? .null,
        ]
        return SHA256.hash(data: body.canonical()).hex
    }
}

extension SHA256.Digest {
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
