// The step `map_attributes`: scores every column against every attribute by name and by content and assigns
// one-to-one, best pair first.

/// Proposes an ``AttributeMapping`` from the profiles of an export.
public struct AttributeMapper: Sendable {
    /// Pairs below this confidence are not proposed.
    public static let threshold = 0.45

    private struct Candidate {
        let column: Int
        let attribute: CanonicalAttribute
        let confidence: Double
        let reason: AttributeMapping.Reason
        let explanation: String
    }

    /// A mapper; it holds no state.
    public init() {}

    /// The proposal for the columns of `profiles`. Deterministic; O(columns · synonyms).
    public func map(_ profiles: [ColumnProfile]) -> AttributeMapping {
        let order = Dictionary(uniqueKeysWithValues: CanonicalAttribute.allCases.enumerated().map { ($1, $0) })
        let sorted = profiles.indices.flatMap { candidates(profiles[$0], column: $0) }
            .sorted {
                ($1.confidence, $0.column, order[$0.attribute] ?? 0) < (
                    $0.confidence, $1.column, order[$1.attribute] ?? 0
                )
            }
        var chosen: [Int: Candidate] = [:]
        var taken: Set<CanonicalAttribute> = []
        for candidate in sorted where chosen[candidate.column] == nil && !taken.contains(candidate.attribute) {
            chosen[candidate.column] = candidate
            taken.insert(candidate.attribute)
        }
        let columns = profiles.enumerated().map { index, profile in
            let candidate = chosen[index]
            return ColumnMapping(
                column: profile.name,
                attribute: candidate?.attribute,
                confidence: candidate.map { ($0.confidence * 100).rounded() / 100 } ?? 0,
                reason: candidate?.reason ?? .none,
                explanation: candidate?.explanation ?? "neither name nor values fit a free attribute",
                samples: profile.samples
            )
        }
        return AttributeMapping(assigned: columns)
    }

    private func candidates(_ profile: ColumnProfile, column: Int) -> [Candidate] {
        let names = AttributeLexicon.matches(profile.name)
        return CanonicalAttribute.allCases.compactMap { attribute in
            let filled = profile.count - profile.empty
            let content = filled > 0 ? ContentEvidence.score(profile, for: attribute) : nil
            let candidate = combine(column, attribute, names[attribute], content, filled: filled)
            return candidate.flatMap { $0.confidence >= Self.threshold ? $0 : nil }
        }
    }

    private func combine(
        _ column: Int,
        _ attribute: CanonicalAttribute,
        _ name: AttributeLexicon.Match?,
        _ content: Double?,
        filled: Int
    ) -> Candidate? {
        let percent = content.map { Int(($0 * 100).rounded()) }
        guard let name else {
            guard let content, let percent else { return nil }
            return Candidate(
                column: column,
                attribute: attribute,
                confidence: content * content * ContentEvidence.ceiling(attribute),
                reason: .content,
                explanation: "\(percent) % of the values look like \(attribute.title)"
            )
        }
        var confidence = name.score
        var explanation =
            switch name.reason {
            case .name: "the column is named \(attribute.title)"
            case .fuzzy: "the name resembles “\(name.synonym)”"
            default: "the name means “\(name.synonym)”"
            }
        if let content, let percent {
            if content >= 0.5 {
                // Independent support: a part of the remaining doubt goes away.
                confidence += (1 - confidence) * 0.6 * content
                explanation += ", and \(percent) % of the values fit"
            } else if ContentEvidence.isStrict(attribute) {
                // A handful of odd values is no proof against a clear name; a column full of them is.
                confidence *= 1 - min(1, Double(filled) / 20) * (0.55 - content)
                explanation += ", but only \(percent) % of the values fit"
            }
        }
        return Candidate(
            column: column,
            attribute: attribute,
            confidence: min(confidence, 0.99),
            reason: name.reason,
            explanation: explanation
        )
    }
}
