import Agents
import Discovery
import Flows
import JSON

/// Finds out what an export holds.
@Agent("data_validator")
enum ValidatorAgent {
    static let summary = "Reads an export and says what is in it: its columns, their formats, what looks wrong."
    static let tools: [any Tool.Type] = [ValidateExport.self]
}

/// Reads an export once.
struct ValidateExport: Tool {
    static let name = "validate_export"
    static let summary = "Reads an export and describes its rows and columns."
    static let schema = ExportReference.schema
    static let risk = Risk.low

    let context: StepContext<DiscoveryState>

    func call(_ export: ExportReference, _ call: ToolCall) async throws -> ValidationReport {
        try await context.tell(DataValidationStarted(bytes: export.bytes))
        var validator = DataValidator()
        var reader = CSVReader()
        var progress = ProgressMeter("Validating", total: export.bytes)
        try await export.read(in: context) { chunk in
            try reader.receive(chunk)
            while let row = try reader.next() { validator.add(row, columns: reader.columns) }
            if let now = progress.advanced(to: reader.bytesReceived, rows: reader.rows) {
                try await context.update { $0.progress = now }
            }
        }
        reader.finish()
        while let row = try reader.next() { validator.add(row, columns: reader.columns) }
        guard !reader.columns.isEmpty, reader.rows > 0 else { throw DiscoveryError.noRows }
        return validator.report(reader)
    }

    /// The report is in the flow's state.
    static func shown(_ report: ValidationReport) -> JSON {
        ["rows": JSON(report.rows), "columns": JSON(report.columns.count)]
    }
}
