internal import HTTPTypes

/// Which bytes of a representation a `Range` field asks for (RFC 9110 §14).
public enum ByteRanges: Sendable, Equatable {
    /// All of it, with 200: there is no `Range`, or one that is ignored.
    case whole
    /// These, in the order of the request, with 206. Never empty, none of them empty, no two of them overlap.
    case parts([Range<Int>])
    /// None of what is asked for exists: 416.
    case unsatisfiable

    /// The most ranges that are served one by one.
    ///
    /// Ranges that overlap, and more than these, are not what a client needs that resumes or seeks; they are how a small
    /// request asks for a large answer (RFC 9110 §14.2, §17.15). Such a field is ignored, as §14.2 allows.
    public static let maximumParts = 16

    /// Reads a field value for a representation of `length` bytes.
    ///
    /// A field in another unit or with bad grammar is ignored (§14.2). So is one for a representation without bytes, none of
    /// which `Content-Range` could name.
    public init(_ value: String?, length: Int) {
        guard let value, let specifiers = Self.specifiers(value), length > 0 else {
            self = .whole
            return
        }
        var parts: [Range<Int>] = []
        for specifier in specifiers {
            switch specifier {
            case .from(let first, let last): if first < length { parts.append(first..<(min(last, length - 1) + 1)) }
            case .suffix(let count): if count > 0 { parts.append(max(0, length - count)..<length) }
            }
        }
        if parts.isEmpty {
            self = .unsatisfiable
        } else if specifiers.count > Self.maximumParts || Self.overlap(parts) {
            self = .whole
        } else {
            self = .parts(parts)
        }
    }

    private enum Specifier {
        case from(Int, through: Int)
        case suffix(Int)
    }

    private static func specifiers(_ value: String) -> [Specifier]? {
        guard let equals = value.utf8.firstIndex(of: ASCII.equals),
            ASCII.equalIgnoringCase(value[..<equals], "bytes")
        else { return nil }
        var specifiers: [Specifier] = []
        for item in FieldList.tokens([String(value[value.utf8.index(after: equals)...])]) {
            guard let specifier = specifier(item) else { return nil }
            specifiers.append(specifier)
        }
        return specifiers.isEmpty ? nil : specifiers
    }

    /// `first "-" [ last ]` or `"-" count` (§14.1.1). A last position before the first one is bad grammar.
    private static func specifier(_ item: Substring) -> Specifier? {
        guard let dash = item.utf8.firstIndex(of: 0x2D) else { return nil }
        let (before, after) = (item[..<dash], item[item.utf8.index(after: dash)...])
        if before.isEmpty { return number(after).map { .suffix($0) } }
        guard let first = number(before) else { return nil }
        if after.isEmpty { return .from(first, through: .max) }
        guard let last = number(after), first <= last else { return nil }
        return .from(first, through: last)
    }

    /// `1*DIGIT`. What is beyond `Int` is beyond the end of anything, and so as good as its maximum.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ ByteSet.digits.contains($0) }) else { return nil }
        return Int(text) ?? .max
    }

    private static func overlap(_ parts: [Range<Int>]) -> Bool {
        let sorted = parts.sorted { $0.lowerBound < $1.lowerBound }
        return zip(sorted, sorted.dropFirst()).contains { $0.upperBound > $1.lowerBound }
    }
}

extension RequestHead {
    /// The bytes of a representation that a GET asks for; other methods know no ranges (RFC 9110 §14.2).
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z; see ``admitsRange(of:now:)``.
    public func byteRanges(of current: Validators, length: Int, now: Int) -> ByteRanges {
        guard method == .get, admitsRange(of: current, now: now) else { return .whole }
        return ByteRanges(headers[.range], length: length)
    }
}
