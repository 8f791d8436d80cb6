import Discovery
import Domain
import Flows
import JSON

/// The state of a discovery flow, as watchers see it.
public struct DiscoveryState: Codable, Sendable {
    /// What is being read.
    struct Source: Codable, Sendable {
        let filename: String
        let bytes: Int
    }

    var source: Source?
    var progress: Progress?
    var validation: ValidationOverview?
    var mapping: [ColumnMapping]?
    var cleansing: CleansingProposal?
    /// `finished` or `stopped`, once it is over.
    var outcome: String?
    /// Why a person stopped it.
    var reason: String?
    var summary: DiscoverySummary?

    /// The state a flow begins with.
    /// - Throws: `FlowError.invalidInput` unless the input names an upload or carries an export.
    init(input: JSON?) throws {
        guard let input, input.object != nil else {
            throw FlowError.invalidInput(pointer: "/input", message: "must be an object with upload_id or csv")
        }
        for name in input.object?.keys ?? [] where !["upload_id", "csv", "filename"].contains(name) {
            throw FlowError.invalidInput(pointer: "/input/\(name)", message: "is not known here")
        }
        if let filename = input["filename"], filename.string == nil {
            throw FlowError.invalidInput(pointer: "/input/filename", message: "must be text")
        }
        switch (input["upload_id"], input["csv"]) {
        case (let id?, nil):
            guard id.string.flatMap(UploadID.init) != nil else {
                throw FlowError.invalidInput(pointer: "/input/upload_id", message: "must be the id of an upload")
            }
        case (nil, let csv?):
            guard let text = csv.string, !text.isEmpty, text.utf8.count <= ExportSource.maximumInlineBytes else {
                throw FlowError.invalidInput(
                    pointer: "/input/csv",
                    message: "must be text of 1 to \(ExportSource.maximumInlineBytes) bytes"
                )
            }
        default:
            throw FlowError.invalidInput(pointer: "/input", message: "must have either upload_id or csv")
        }
    }
}

/// How far a pass over the export is.
struct Progress: Codable, Sendable, Equatable {
    let label: String
    let done: Int
    let total: Int
    let unit: String
    let rows: Int
}

/// The validation report without what only the mapper needs.
struct ValidationOverview: Codable, Sendable {
    struct Column: Codable, Sendable {
        let name: String
        let filled: Int
        let distinct: Int
        let formats: [FormatCount]
        let samples: [String]
    }

    let rows: Int
    let encoding: TextEncoding
    let delimiter: String?
    let emptyLines: Int
    let raggedCount: Int
    let raggedRows: [RaggedRow]
    let columns: [Column]
    let pii: [PIIFinding]

    enum CodingKeys: String, CodingKey {
        case rows
        case encoding
        case delimiter
        case emptyLines = "empty_lines"
        case raggedCount = "ragged_count"
        case raggedRows = "ragged_rows"
        case columns
        case pii
    }

    init(_ report: ValidationReport) {
        rows = report.rows
        encoding = report.encoding
        delimiter = report.dialect?.delimiter.rawValue
        emptyLines = report.emptyLines
        raggedCount = report.raggedCount
        raggedRows = report.raggedRows
        columns = report.columns.map { column in
            Column(
                name: column.name,
                filled: column.count - column.empty,
                distinct: column.distinct,
                formats: column.formats,
                samples: column.samples
            )
        }
        pii = report.pii
    }
}
