// DiscoveryFlow: the built-in flow, from a CMDB export to a validated inventory.
//
// What it is for: wiring the pure passes of Discovery into steps, prompts and progress. The steps are in `DiscoveryFlow`, and
// who does their work with which tools in `Crew`. Each pass reads the export as a stream from where it was uploaded; a tool
// that is called again starts its pass again and overwrites what it wrote. It must never know a wire format or SQL.

import Agents
import Approvals
import Discovery
import Domain
public import FlowTypes
public import JSON

/// The flow type `discovery`. Its input is `{"upload_id": …}` or `{"csv": …, "filename"?}`.
@Flow("discovery")
public struct DiscoveryFlow {
    /// What watchers see.
    public typealias State = DiscoveryState

    /// Reads the input.
    /// - Throws: `FlowError.invalidInput` unless it names an upload or carries an export.
    public static func initial(_ input: JSON?) throws -> DiscoveryState { try DiscoveryState(input: input) }

    @Start(name: "initialize_discovery")
    func initialize(_ context: Context) async throws -> ExportSource {
        let source = try await ExportSource(input: context.input, in: context)
        context.stage { $0.source = source.shown }
        return source
    }

    @Listen("initialize_discovery", name: "validate_data")
    func validate(_ context: Context, _ source: ExportSource) async throws -> ValidationReport {
        let report = try await context.call(ValidateExport(context: context), source.reference, as: ValidatorAgent.self)
        let done = ProgressMeter("Validating", total: source.bytes).finished(rows: report.rows)
        context.stage { state in
            state.progress = done
            state.validation = ValidationOverview(report)
        }
        try context.stage(DataValidationFinished(rows: report.rows, columns: report.columns.count))
        return report
    }

    @Listen("validate_data", name: "map_attributes")
    func map(_ context: Context, _ report: ValidationReport) async throws -> AttributeMapping {
        let mapping = try await context.call(
            MapAttributes(profiles: report.columns),
            MapAttributes.Arguments(columns: report.columns.count),
            as: MapperAgent.self
        )
        context.stage { $0.mapping = mapping.columns }
        let unmapped = mapping.unmapped.count
        try context.stage(AttributesMapped(mapped: mapping.columns.count - unmapped, unmapped: unmapped))
        return mapping
    }

    @Ask("map_attributes", name: "confirm_mapping", check: MappingPrompt.check)
    func confirm(_ context: Context, _ mapping: AttributeMapping) async throws -> PromptDraft {
        MappingPrompt.draft(mapping, rows: try context.result(of: Steps.validate).rows)
    }

    @Router("confirm_mapping", labels: ["mapped", "stopped"], name: "decide_mapping")
    func decide(_ context: Context, _ answer: PromptAnswer) -> Label { answer.verb == "reject" ? "stopped" : "mapped" }

    @Listen("mapped", name: "cleanse_data")
    func cleanse(_ context: Context) async throws -> Cleansing {
        let mapping = try MappingPrompt.mapping(
            try context.result(of: Steps.map),
            after: try context.result(of: Steps.confirm)
        )
        let report = try context.result(of: Steps.validate)
        let source = try context.result(of: Steps.initialize)
        let outcome = try await context.call(
            ProposeChanges(context: context, mapping: mapping, profiles: report.columns),
            source.reference,
            as: CleanserAgent.self
        )
        let proposal = outcome.result
        let done = ProgressMeter(ProposeChanges.label, total: source.bytes).finished(rows: outcome.rows)
        context.stage { state in
            state.progress = done
            state.mapping = mapping.columns
            state.cleansing = proposal
        }
        try context.stage(DataCleansed(changes: proposal.groups.count))
        return Cleansing(mapping: mapping, proposal: proposal)
    }

    @Ask("cleanse_data", name: "review_changes")
    func review(_ context: Context, _ cleansing: Cleansing) -> PromptDraft { ChangesPrompt.draft(cleansing.proposal) }

    @Listen("review_changes", name: "build_inventory")
    func build(_ context: Context, _ answer: PromptAnswer) async throws -> DiscoverySummary {
        let source = try context.result(of: Steps.initialize)
        let cleansing = try context.result(of: Steps.cleanse)
        let tool = StoreInventory(
            context: context,
            report: try context.result(of: Steps.validate),
            cleansing: cleansing,
            accepted: try ChangesPrompt.accepted(cleansing.proposal, after: answer)
        )
        let outcome = try await context.call(tool, source.reference, as: InventoryAgent.self)
        let done = ProgressMeter(StoreInventory.label, total: source.bytes).finished(rows: outcome.rows)
        context.stage { $0.progress = done }
        let summary = outcome.result
        try context.stage(InventoryBuilt(assets: summary.assets))
        return summary
    }

    @Listen("build_inventory")
    func finished(_ context: Context, _ summary: DiscoverySummary) -> Int {
        context.stage { state in
            state.progress = nil
            state.outcome = "finished"
            state.summary = summary
        }
        return summary.assets
    }

    @Listen(.label("stopped"))
    func stopped(_ context: Context) throws -> Bool {
        let reason = try context.result(of: Steps.confirm).reason
        context.stage { state in
            state.progress = nil
            state.outcome = "stopped"
            state.reason = reason
        }
        return true
    }
}

/// What `cleanse_data` hands on.
struct Cleansing: Codable, Sendable {
    let mapping: AttributeMapping
    let proposal: CleansingProposal
}

/// Why an export cannot be worked on.
enum DiscoveryError: Error, CustomStringConvertible {
    case noRows
    case uploadMissing
    case uploadIncomplete

    var description: String {
        switch self {
        case .noRows: "The export has no rows."
        case .uploadMissing: "The uploaded file is not there any more."
        case .uploadIncomplete: "The upload was not finished."
        }
    }
}
