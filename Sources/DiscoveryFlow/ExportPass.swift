import Discovery
import Flows

/// Reads a whole export once, row by row, and shows how far it is.
struct ExportPass {
    /// What came of a pass.
    struct Outcome<Result: Codable & Sendable>: Codable, Sendable {
        /// How many rows there are.
        let rows: Int
        let result: Result
    }

    private let export: ExportReference
    private let label: String
    private let context: StepContext<DiscoveryState>

    init(_ export: ExportReference, _ label: String, in context: StepContext<DiscoveryState>) {
        self.export = export
        self.label = label
        self.context = context
    }

    /// Hands over each row.
    /// - Parameter afterChunk: what is done when some rows have been handed over.
    /// - Returns: how many rows there were.
    func run(_ body: (CSVRow) -> Void, afterChunk: () async throws -> Void = {}) async throws -> Int {
        var reader = CSVReader()
        var progress = ProgressMeter(label, total: export.bytes)
        try await export.read(in: context) { chunk in
            try reader.receive(chunk)
            while let row = try reader.next() { body(row) }
            try await afterChunk()
            if let now = progress.advanced(to: reader.bytesReceived, rows: reader.rows) {
                try await context.update { $0.progress = now }
            }
        }
        reader.finish()
        while let row = try reader.next() { body(row) }
        return reader.rows
    }
}
