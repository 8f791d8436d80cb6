/// An entity tag (RFC 9110 §8.8.3).
public struct EntityTag: Sendable, Hashable {
    /// The text between the quotes.
    public let opaque: String
    /// Whether it is marked `W/`.
    public let isWeak: Bool

    /// Creates a tag. `opaque` must be visible ASCII without a quote.
    public init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The field value: `"opaque"` or `W/"opaque"`.
    public var fieldValue: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// Parses a whole field value, as `ETag` has it; nil when it is no tag.
    public init?(fieldValue: String) { self.init(parsing: FieldList.trimmed(fieldValue[...])) }

    /// Parses one tag.
    init?(parsing text: Substring) {
        let isWeak = text.hasPrefix("W/")
        let quoted = isWeak ? text.dropFirst(2) : text
        guard quoted.utf8.count >= 2, quoted.utf8.first == ASCII.quote, quoted.utf8.last == ASCII.quote else {
            return nil
        }
        let opaque = quoted.dropFirst().dropLast()
        guard opaque.utf8.allSatisfy({ $0 > 0x20 && $0 != ASCII.quote && $0 != 0x7F }) else { return nil }
        self.init(String(opaque), isWeak: isWeak)
    }
}

/// The value of `If-Match` or `If-None-Match` (RFC 9110 §13.1.1, §13.1.2).
public enum EntityTagList: Sendable, Equatable {
    /// `*`: any current representation.
    case any
    /// The listed tags.
    case tags([EntityTag])

    /// Parses the combined field value; nil stays nil.
    /// - Throws: ``HTTPError/Fault/entityTag``.
    init?(parsing value: String?) throws(HTTPError) {
        guard let value else { return nil }
        if FieldList.trimmed(value[...]) == "*" {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        for item in Self.items(value) {
            guard let tag = EntityTag(parsing: item) else { throw .malformed(.entityTag) }
            tags.append(tag)
        }
        guard !tags.isEmpty else { throw .malformed(.entityTag) }
        self = .tags(tags)
    }

    /// Splits at commas outside quotes. Unlike quoted strings, tags have no escapes: `\` is an ordinary character.
    private static func items(_ value: String) -> [Substring] {
        var isQuoted = false
        return value.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == "," && !isQuoted
        }
        .map { FieldList.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// Strong comparison, for `If-Match` (RFC 9110 §8.8.3.2). Nil stands for "no current representation".
    public func matchesStrongly(_ current: EntityTag?) -> Bool {
        guard let current else { return false }
        switch self {
        case .any: return true
        case .tags(let tags): return !current.isWeak && tags.contains(current)
        }
    }

    /// Weak comparison, for `If-None-Match`. Nil stands for "no current representation".
    public func matchesWeakly(_ current: EntityTag?) -> Bool {
        guard let current else { return false }
        switch self {
        case .any: return true
        case .tags(let tags): return tags.contains { $0.opaque == current.opaque }
        }
    }
}
