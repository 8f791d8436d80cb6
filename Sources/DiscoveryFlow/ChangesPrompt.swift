import Approvals
import Discovery
import Domain
import Flows
import JSON

/// The question `review_changes`: which groups of changes are applied.
enum ChangesPrompt {
    static func draft(_ proposal: CleansingProposal) -> PromptDraft {
        let groups = proposal.groups.map { group -> JSON in
            [
                "id": JSON(group.id),
                "change": JSON(group.title),
                "count": JSON(group.count),
                "confidence": JSON(percent: group.confidence),
                "examples": .array(
                    group.examples.map { JSON("row \($0.row): \(visible($0.before)) → \(visible($0.after))") }
                ),
            ]
        }
        let ids = proposal.groups.map { JSON($0.id) }
        return PromptDraft(
            kind: .confirmation,
            title: "Apply these changes?",
            message: """
                \(proposal.changedCells) values in \(proposal.changedRows) of \(proposal.rows) rows would change, and \
                \(proposal.duplicateRows) rows would be merged into others. **Approve** applies all groups, **edit** \
                those you choose, **reject** none: the inventory is then built from the data as it is.
                """,
            shown: ["proposal": ["accepted": .array(ids)], "groups": .array(groups)],
            responseSchema: [
                "type": "object",
                "required": ["accepted"],
                "additionalProperties": false,
                "properties": [
                    "accepted": [
                        "type": "array",
                        "title": "Groups to apply",
                        "uniqueItems": true,
                        "items": ids.isEmpty ? ["type": "string"] : ["type": "string", "enum": .array(ids)],
                    ]
                ],
            ],
            allowed: [.approve, .edit, .reject]
        )
    }

    /// A value as people can see it: with its outer spaces, or that it is empty.
    private static func visible(_ value: String) -> String {
        let lead = value.prefix { $0 == " " }.count
        guard lead < value.count else { return value.isEmpty ? "(empty)" : String(repeating: "␣", count: lead) }
        let trail = value.reversed().prefix { $0 == " " }.count
        return String(repeating: "␣", count: lead) + value.dropFirst(lead).dropLast(trail)
            + String(repeating: "␣", count: trail)
    }

    /// The groups in force after the answer.
    static func accepted(_ proposal: CleansingProposal, after answer: PromptAnswer) throws -> Set<String> {
        switch answer.verb {
        case Verb.approve.rawValue: return proposal.groupIDs
        case Verb.edit.rawValue:
            return try proposal.validated(
                accepting: answer.response?["accepted"]?.array?.compactMap(\.string) ?? []
            )
        default: return []
        }
    }
}
