internal import HTTPTypes

/// A parsed `Accept-Encoding` field and the choice it leads to (RFC 9110 §12.5.3).
public struct AcceptedCodings: Sendable, Equatable {
    private var weights: [ContentCoding: Int] = [:]
    /// The weight of every coding that is not named: that of `*`.
    private var others: Int?

    /// The weight of `identity` where the field does not speak of it: acceptable, but less welcome than any named coding.
    private static let unmentionedIdentity = 1

    /// Parses a field value.
    ///
    /// Without the field any coding would be acceptable. That only says that the client does not care, and clients that do
    /// not care rarely decode, so it is read as `identity`, like an empty value. An item that breaks the grammar is left
    /// out: the worst that may come of it is an answer without coding.
    public init(parsing value: String?) {
        for item in FieldList.tokens(value.map { [$0] } ?? []) {
            let parts = FieldList.tokens([String(item)], separator: ASCII.semicolon)
            guard let name = parts.first, FieldList.isToken(name), let weight = Self.weight(parts.dropFirst()) else {
                continue
            }
            if name == "*" {
                others = min(others ?? weight, weight)
            } else if let coding = ContentCoding(name: name) {
                weights[coding] = min(weights[coding] ?? weight, weight)
            }
        }
    }

    /// How welcome `coding` is, from 0 (not acceptable) to 1000.
    public func quality(of coding: ContentCoding) -> Int {
        weights[coding] ?? others ?? (coding == .identity ? Self.unmentionedIdentity : 0)
    }

    /// The most welcome of `candidates`, the earlier one on a tie, or nil when none is acceptable (406).
    public func best(of candidates: [ContentCoding]) -> ContentCoding? {
        var best: (coding: ContentCoding, quality: Int)?
        for candidate in candidates {
            let quality = quality(of: candidate)
            if quality > (best?.quality ?? 0) { best = (candidate, quality) }
        }
        return best?.coding
    }

    private static func weight(_ parameters: ArraySlice<Substring>) -> Int? {
        guard let text = parameters.first else { return QualityValue.highest }
        guard parameters.count == 1, let parameter = FieldList.parameter(text), let value = parameter.value,
            ASCII.equalIgnoringCase(parameter.name, "q")
        else { return nil }
        return QualityValue.parse(value)
    }
}

extension RequestHead {
    /// The content codings the client accepts.
    public var acceptedCodings: AcceptedCodings { AcceptedCodings(parsing: headers[.acceptEncoding]) }
}
