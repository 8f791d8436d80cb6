import Approvals
import Discovery
import Domain
import Flows
import JSON

/// The question `confirm_mapping`: which column is which attribute.
enum MappingPrompt {
    /// Stands for "no attribute" in the form.
    private static let none = "none"

    static func draft(_ mapping: AttributeMapping, rows: Int) -> PromptDraft {
        let proposal = mapping.columns.map { column -> JSON in
            ["column": JSON(column.column), "attribute": JSON(column.attribute?.rawValue ?? none)]
        }
        // What is shown is bounded; of a very wide export there are fewer samples to see.
        let samples = mapping.columns.count > 100 ? 1 : DiscoveryLimits.samples
        let columns = mapping.columns.map { column -> JSON in
            [
                "column": JSON(column.column),
                "attribute": JSON(column.attribute?.rawValue ?? none),
                "confidence": JSON(percent: column.confidence),
                "because": JSON(column.explanation),
                "samples": JSON(column.samples.prefix(samples).joined(separator: ", ")),
            ]
        }
        let mapped = mapping.columns.count - mapping.unmapped.count
        return PromptDraft(
            kind: .confirmation,
            title: "Is this what the columns mean?",
            message: """
                \(mapped) of \(mapping.columns.count) columns of \(rows) rows were recognised. **Approve** goes on with \
                this mapping, **edit** with yours; a column mapped to *none* is kept as an extra of the asset. \
                **Reject** stops the discovery: nothing is written.
                """,
            shown: ["proposal": ["mapping": .array(proposal)], "columns": .array(columns)],
            responseSchema: schema(mapping.columns.map(\.column)),
            allowed: [.approve, .edit, .reject]
        )
    }

    /// Refuses a mapping that gives one attribute to two columns or names a column twice.
    static func check(_ draft: PromptDraft, _ answer: PromptAnswer) -> [Violation] {
        guard answer.verb == Verb.edit.rawValue else { return [] }
        var violations: [Violation] = []
        var columns: Set<String> = []
        var attributes: Set<String> = []
        for (index, entry) in (answer.response?["mapping"]?.array ?? []).enumerated() {
            guard let column = entry["column"]?.string, let attribute = entry["attribute"]?.string else { continue }
            if !columns.insert(column).inserted {
                violations.append(
                    Violation(pointer: "/response/mapping/\(index)/column", message: "is mapped twice")
                )
            }
            if attribute != none, !attributes.insert(attribute).inserted {
                violations.append(
                    Violation(
                        pointer: "/response/mapping/\(index)/attribute",
                        message: "is the attribute of another column already"
                    )
                )
            }
        }
        return violations
    }

    /// The mapping in force after the answer. An edit is a full replacement: a column it leaves out has no attribute.
    static func mapping(_ proposed: AttributeMapping, after answer: PromptAnswer) throws -> AttributeMapping {
        guard answer.verb == Verb.edit.rawValue else { return proposed }
        var edits: [String: String?] = [:]
        for column in proposed.columns { edits[column.column] = .some(nil) }
        for entry in answer.response?["mapping"]?.array ?? [] {
            guard let column = entry["column"]?.string, let attribute = entry["attribute"]?.string else { continue }
            edits[column] = .some(attribute == none ? nil : attribute)
        }
        return try proposed.applying(edits)
    }

    private static func schema(_ columns: [String]) -> JSON {
        let attributes = [none] + CanonicalAttribute.allCases.map(\.rawValue)
        return [
            "type": "object",
            "required": ["mapping"],
            "additionalProperties": false,
            "properties": [
                "mapping": [
                    "type": "array",
                    "title": "Mapping",
                    "maxItems": JSON(columns.count),
                    "items": [
                        "type": "object",
                        "required": ["column", "attribute"],
                        "additionalProperties": false,
                        "properties": [
                            "column": [
                                "type": "string", "title": "Column", "readOnly": true,
                                "enum": .array(columns.map { JSON($0) }),
                            ],
                            "attribute": [
                                "type": "string", "title": "Attribute",
                                "enum": .array(attributes.map { JSON($0) }),
                            ],
                        ],
                    ],
                ]
            ],
        ]
    }
}

extension JSON {
    /// A share as whole percent, for people.
    init(percent share: Double) { self.init("\(Int((share * 100).rounded())) %") }
}
