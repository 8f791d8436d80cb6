import Agents
import Discovery
import Flows
import JSON

/// Turns an export into assets.
@Agent("inventory_builder")
enum InventoryAgent {
    static let summary = "Builds the inventory from an export and what people accepted."
    static let tools: [any Tool.Type] = [StoreInventory.self]
}

/// Stores the assets. Each has a key that depends on the data only, so whoever stores them again overwrites what is there.
struct StoreInventory: Tool {
    static let name = "store_inventory"
    static let summary = "Cleanses and merges the rows as accepted, and stores them as assets."
    static let schema = ExportReference.schema
    static let risk = Risk.medium
    static let label = "Building the inventory"

    let context: StepContext<DiscoveryState>
    let report: ValidationReport
    let cleansing: Cleansing
    /// The groups of changes that people accepted.
    let accepted: Set<String>

    func call(_ export: ExportReference, _ call: ToolCall) async throws -> ExportPass.Outcome<DiscoverySummary> {
        // The index of duplicates grows with the rows, so it is not kept in the journal but made again.
        var analyzer = CleansingAnalyzer(mapping: cleansing.mapping, profiles: report.columns)
        _ = try await ExportPass(export, "Finding duplicates", in: context).run { analyzer.add($0) }
        var writer = InventoryWriter(
            mapping: cleansing.mapping,
            profiles: report.columns,
            accepted: accepted,
            plan: analyzer.duplicatePlan(accepting: accepted)
        )
        let rows = try await ExportPass(export, Self.label, in: context).run {
            writer.add($0)
        } afterChunk: {
            try await writer.store(in: context, all: false)
        }
        try await writer.store(in: context, all: true)
        return ExportPass.Outcome(rows: rows, result: writer.summary(report, cleansing))
    }

    /// The summary is in the flow's state.
    static func shown(_ outcome: ExportPass.Outcome<DiscoverySummary>) -> JSON {
        ["assets": JSON(outcome.result.assets)]
    }
}
