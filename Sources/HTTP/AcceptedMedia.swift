/// A parsed `Accept` field and the choice it leads to (RFC 9110 §12.5.1).
public struct AcceptedMedia: Sendable, Equatable {
    private struct Range: Sendable, Equatable {
        let media: MediaType
        let quality: Int

        /// How closely the range names `candidate`, or nil when it does not match.
        func specificity(for candidate: MediaType) -> Int? {
            if media.type == "*" { return 0 }
            guard media.type == candidate.type else { return nil }
            if media.subtype == "*" { return 1 }
            guard media.subtype == candidate.subtype else { return nil }
            let matches = media.parameters.allSatisfy { wanted in
                candidate[parameter: wanted.name].map { ASCII.equalIgnoringCase($0, wanted.value) } ?? false
            }
            return matches ? 2 + media.parameters.count : nil
        }
    }

    private let ranges: [Range]

    /// Parses a field value; nil or an empty value accepts everything.
    /// - Throws: ``HTTPError/Fault/mediaType`` for a bad range or weight.
    public init(parsing value: String?) throws(HTTPError) {
        var ranges: [Range] = []
        for item in FieldList.tokens(value.map { [$0] } ?? []) {
            let media = try MediaType(parsing: item)
            if media.type == "*", media.subtype != "*" { throw .malformed(.mediaType) }
            var parameters: [MediaType.Parameter] = []
            var quality = QualityValue.highest
            for parameter in media.parameters {
                guard parameter.name == "q" else {
                    parameters.append(parameter)
                    continue
                }
                guard let weight = QualityValue.parse(parameter.value) else { throw .malformed(.mediaType) }
                quality = weight
                // What follows the weight are extensions, which RFC 9110 dropped.
                break
            }
            let range = MediaType(type: media.type, subtype: media.subtype, parameters: parameters)
            ranges.append(Range(media: range, quality: quality))
        }
        self.ranges = ranges
    }

    /// How welcome `candidate` is, from 0 (not acceptable) to 1000. The most specific range decides.
    public func quality(of candidate: MediaType) -> Int {
        if ranges.isEmpty { return QualityValue.highest }
        var best = (specificity: -1, quality: 0)
        for range in ranges {
            guard let specificity = range.specificity(for: candidate), specificity > best.specificity else { continue }
            best = (specificity, range.quality)
        }
        return best.quality
    }

    /// The most welcome of `candidates`, the earlier one on a tie, or nil when none is acceptable (406).
    public func best(of candidates: [MediaType]) -> MediaType? {
        var best: (media: MediaType, quality: Int)?
        for candidate in candidates {
            let quality = quality(of: candidate)
            if quality > (best?.quality ?? 0) { best = (candidate, quality) }
        }
        return best?.media
    }
}
