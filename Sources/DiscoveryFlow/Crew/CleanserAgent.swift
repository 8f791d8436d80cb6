import Agents
import Discovery
import Flows
import JSON

/// Finds what should be put right in the values of an export.
@Agent("data_cleanser")
enum CleanserAgent {
    static let summary = "Compares the rows of an export and proposes changes of values and merges of duplicates."
    static let tools: [any Tool.Type] = [ProposeChanges.self]
}

/// Compares all rows.
struct ProposeChanges: Tool {
    static let name = "propose_changes"
    static let summary = "Compares all rows and proposes changes; it changes nothing."
    static let schema = ExportReference.schema
    static let risk = Risk.low
    static let label = "Comparing"

    let context: StepContext<DiscoveryState>
    let mapping: AttributeMapping
    let profiles: [ColumnProfile]

    func call(_ export: ExportReference, _ call: ToolCall) async throws -> ExportPass.Outcome<CleansingProposal> {
        var analyzer = CleansingAnalyzer(mapping: mapping, profiles: profiles)
        let rows = try await ExportPass(export, Self.label, in: context).run { analyzer.add($0) }
        return ExportPass.Outcome(rows: rows, result: analyzer.proposal())
    }

    /// The proposal is in the flow's state.
    static func shown(_ outcome: ExportPass.Outcome<CleansingProposal>) -> JSON {
        ["groups": JSON(outcome.result.groups.count), "changed_rows": JSON(outcome.result.changedRows)]
    }
}
