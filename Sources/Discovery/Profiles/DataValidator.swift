// The step `validate_data`: one streaming pass that profiles every column and finds personal data.

/// What the validation pass found out about an export.
public struct ValidationReport: Sendable, Hashable, Codable {
    /// How the file is written; nil when it had too little data to be read.
    public let dialect: CSVDialect?
    /// The encoding it turned out to have.
    public let encoding: TextEncoding
    /// Whether the first row named the columns.
    public let hasHeader: Bool
    /// Data rows.
    public let rows: Int
    /// Bytes of the file.
    public let bytes: Int
    /// Lines skipped because they were empty.
    public let emptyLines: Int
    /// Rows read as Windows-1252 because they were no valid UTF-8.
    public let windows1252Rows: Int
    /// Rows with too few or too many fields.
    public let raggedCount: Int
    /// The first ``DiscoveryLimits/raggedRows`` of them.
    public let raggedRows: [RaggedRow]
    /// One profile per column, in order.
    public let columns: [ColumnProfile]
    /// Personal data by column and kind.
    public let pii: [PIIFinding]

    enum CodingKeys: String, CodingKey {
        case dialect
        case encoding
        case hasHeader = "has_header"
        case rows
        case bytes
        case emptyLines = "empty_lines"
        case windows1252Rows = "windows_1252_rows"
        case raggedCount = "ragged_count"
        case raggedRows = "ragged_rows"
        case columns
        case pii
    }
}

/// Profiles an export row by row. Memory is bounded by the number of columns.
public struct DataValidator {
    private var profilers: [ColumnProfiler] = []

    /// Distinct values remembered over all columns together.
    private static let trackedValues = 65_536

    /// A validator that has seen nothing.
    public init() {}

    /// Adds the next row of an export whose columns are `columns`.
    public mutating func add(_ row: CSVRow, columns: [String]) {
        if profilers.isEmpty { begin(columns) }
        for index in profilers.indices {
            profilers[index].add(row.isEmpty(index) ? "" : row.text(index))
        }
    }

    /// The report so far, with what `reader` knows about the file.
    public mutating func report(_ reader: borrowing CSVReader) -> ValidationReport {
        if profilers.isEmpty { begin(reader.columns) }
        return ValidationReport(
            dialect: reader.dialect,
            encoding: reader.encoding,
            hasHeader: reader.hasHeader,
            rows: reader.rows,
            bytes: reader.bytesReceived,
            emptyLines: reader.emptyLines,
            windows1252Rows: reader.windows1252Rows,
            raggedCount: reader.raggedCount,
            raggedRows: reader.raggedRows,
            columns: profilers.map(\.profile),
            pii: profilers.flatMap(\.findings)
        )
    }

    private mutating func begin(_ columns: [String]) {
        let tracked = min(1024, Self.trackedValues / max(columns.count, 1))
        profilers = columns.enumerated().map {
            ColumnProfiler(name: $0.element, index: $0.offset, trackedValues: tracked)
        }
    }
}
