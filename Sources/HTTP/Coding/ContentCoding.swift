/// A content coding that responses here come in (RFC 9110 §8.4.1).
public enum ContentCoding: String, Sendable, Hashable, CaseIterable {
    /// RFC 7932. Only what was compressed beforehand comes in it.
    case brotli = "br"
    /// RFC 1952.
    case gzip
    /// The content as it is; never named in `Content-Encoding`.
    case identity

    /// What tells the entity tags of a representation's codings apart (RFC 9110 §8.8.3.3).
    var tagSuffix: String {
        switch self {
        case .brotli: "-br"
        case .gzip: "-gz"
        case .identity: ""
        }
    }

    /// The coding a client names so, by its registered name or gzip's old one (RFC 9110 §8.4.1.3).
    init?(name: Substring) {
        let known = Self.allCases.first { ASCII.equalIgnoringCase(name, $0.rawValue) }
        guard let coding = known ?? (ASCII.equalIgnoringCase(name, "x-gzip") ? .gzip : nil) else { return nil }
        self = coding
    }
}

extension EntityTag {
    /// The tag of the same representation in `coding`: two codings of one representation are different bytes, and a strong
    /// tag that named both would let a client join pieces of one to pieces of the other.
    public func coded(_ coding: ContentCoding) -> EntityTag { EntityTag(opaque + coding.tagSuffix, isWeak: isWeak) }

    /// The tag as it is without a coding: what ``coded(_:)`` was called on.
    public var uncoded: EntityTag {
        for suffix in [ContentCoding.brotli, .gzip].map(\.tagSuffix) where opaque.hasSuffix(suffix) {
            return EntityTag(String(opaque.dropLast(suffix.count)), isWeak: isWeak)
        }
        return self
    }
}
