// DiscoveryFlow: the built-in flow, from a CMDB export to a validated inventory.
//
// What it is for: wiring the pure passes of Discovery into steps, prompts and progress. The steps are in `DiscoveryFlow`, and
// who does their work with which tools in `Crew`. Each pass reads the export as a stream from where it was uploaded; a tool
// that is called again starts its pass again and overwrites what it wrote. It must never know a wire format or SQL.

public import Agents
import Discovery
import Domain
public import Flows
import JSON

/// The flow type `discovery`.
public enum DiscoveryFlow {
    /// The agents that work in it.
    public static let agents: [any Agent.Type] = [
        ValidatorAgent.self, MapperAgent.self, CleanserAgent.self, InventoryAgent.self,
    ]

    /// The flow's steps. Its input is `{"upload_id": …}` or `{"csv": …, "filename"?}`.
    public static func definition() throws -> FlowDefinition<DiscoveryState> {
        try FlowDefinition("discovery", initial: DiscoveryState.init(input:)) { flow in
            let initialize = flow.start("initialize_discovery", initializeDiscovery)
            let validated = flow.listen("validate_data", to: initialize, validateData)
            let mapped = flow.listen("map_attributes", to: validated, mapAttributes)
            let confirmed = flow.ask("confirm_mapping", after: mapped, check: MappingPrompt.check) { context, mapping in
                MappingPrompt.draft(mapping, rows: try context.result(of: validated).rows)
            }
            flow.router("decide_mapping", after: confirmed, labels: ["mapped", "stopped"]) { _, answer in
                answer.verb == "reject" ? "stopped" : "mapped"
            }
            let cleansed = flow.listen("cleanse_data", on: "mapped") { context in
                let mapping = try MappingPrompt.mapping(
                    try context.result(of: mapped),
                    after: try context.result(of: confirmed)
                )
                return try await cleanseData(context, initialize, validated, mapping)
            }
            let reviewed = flow.ask("review_changes", after: cleansed) { _, cleansing in
                ChangesPrompt.draft(cleansing.proposal)
            }
            let built = flow.listen("build_inventory", to: reviewed) { context, answer in
                try await buildInventory(context, initialize, validated, try context.result(of: cleansed), answer)
            }
            flow.listen("finished", to: built) { context, summary in
                context.stage { state in
                    state.progress = nil
                    state.outcome = "finished"
                    state.summary = summary
                }
                return summary.assets
            }
            flow.listen("stopped", on: "stopped") { context in
                let reason = try context.result(of: confirmed).reason
                context.stage { state in
                    state.progress = nil
                    state.outcome = "stopped"
                    state.reason = reason
                }
                return true
            }
        }
    }

    @concurrent
    private static func initializeDiscovery(_ context: StepContext<DiscoveryState>) async throws -> ExportSource {
        let source = try await ExportSource(input: context.input, in: context)
        context.stage { $0.source = source.shown }
        return source
    }

    @concurrent
    private static func validateData(
        _ context: StepContext<DiscoveryState>,
        _ source: ExportSource
    ) async throws -> ValidationReport {
        let report = try await context.call(
            ValidateExport(context: context),
            source.reference,
            as: ValidatorAgent.self
        )
        let done = ProgressMeter("Validating", total: source.bytes).finished(rows: report.rows)
        context.stage { state in
            state.progress = done
            state.validation = ValidationOverview(report)
        }
        try context.stage(DataValidationFinished(rows: report.rows, columns: report.columns.count))
        return report
    }

    @concurrent
    private static func mapAttributes(
        _ context: StepContext<DiscoveryState>,
        _ report: ValidationReport
    ) async throws -> AttributeMapping {
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

    @concurrent
    private static func cleanseData(
        _ context: StepContext<DiscoveryState>,
        _ source: Step<ExportSource>,
        _ validated: Step<ValidationReport>,
        _ mapping: AttributeMapping
    ) async throws -> Cleansing {
        let report = try context.result(of: validated)
        let source = try context.result(of: source)
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

    @concurrent
    private static func buildInventory(
        _ context: StepContext<DiscoveryState>,
        _ initialize: Step<ExportSource>,
        _ validated: Step<ValidationReport>,
        _ cleansing: Cleansing,
        _ answer: PromptAnswer
    ) async throws -> DiscoverySummary {
        let source = try context.result(of: initialize)
        let report = try context.result(of: validated)
        let accepted = try ChangesPrompt.accepted(cleansing.proposal, after: answer)
        let tool = StoreInventory(context: context, report: report, cleansing: cleansing, accepted: accepted)
        let outcome = try await context.call(tool, source.reference, as: InventoryAgent.self)
        let done = ProgressMeter(StoreInventory.label, total: source.bytes).finished(rows: outcome.rows)
        context.stage { $0.progress = done }
        let summary = outcome.result
        try context.stage(InventoryBuilt(assets: summary.assets))
        return summary
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
