// What can be wrong with an export as a whole. A single odd row is never an error: it is kept and reported.

/// Why an export cannot be read.
public enum CSVError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bound that was exceeded.
    public enum Limit: String, Sendable, Hashable, Codable {
        /// Bytes of one field.
        case fieldBytes = "field_bytes"
        /// Fields of one row.
        case columns
        /// Data rows of the export.
        case rows
    }

    /// A quoted field that began in `line` (counted from 1) is still open where the data ends.
    case unterminatedQuote(line: Int)
    /// The export exceeds `limit`, whose configured value is `maximum`, in `line`.
    case limitExceeded(limit: Limit, maximum: Int, line: Int)
    /// The bytes are no text; `kind` says what they look like.
    case binary(kind: String, line: Int)
    /// There is no row at all, not even a header.
    case empty
    /// Bytes arrived after the end was announced.
    case receivedAfterEnd

    /// One clear sentence for people.
    public var description: String {
        switch self {
        case .unterminatedQuote(let line):
            "The quoted field that begins in line \(line) is never closed."
        case .limitExceeded(let limit, let maximum, let line):
            "Line \(line) exceeds the limit \(limit.rawValue) of \(maximum)."
        case .binary(let kind, let line):
            "This is not a text file: it looks like \(kind) (line \(line))."
        case .empty:
            "The file holds no rows."
        case .receivedAfterEnd:
            "Bytes were received after the end of the file was announced."
        }
    }
}

/// How an export is to be read.
public struct CSVOptions: Sendable, Hashable {
    /// Whether the first row names the columns.
    public enum Header: String, Sendable, Hashable, Codable {
        /// Decide by the look of the first rows.
        case detect
        /// The first row names the columns.
        case present
        /// The first row is data; columns are named `column_1`, `column_2`, ….
        case absent
    }

    /// The dialect, or nil to detect it from the head of the data.
    public var dialect: CSVDialect?
    /// Whether the first row names the columns.
    public var header: Header
    /// Bytes looked at before the dialect is decided; also what is buffered until then.
    public var detectionBytes: Int
    /// Most bytes of one field.
    public var maxFieldBytes: Int
    /// Most fields of one row.
    public var maxColumns: Int
    /// Most data rows.
    public var maxRows: Int

    /// Options; the defaults accept what the discovery flow accepts.
    public init(
        dialect: CSVDialect? = nil,
        header: Header = .detect,
        detectionBytes: Int = 64 * 1024,
        maxFieldBytes: Int = 1 << 20,
        maxColumns: Int = DiscoveryLimits.columns,
        maxRows: Int = 5_000_000
    ) {
        self.dialect = dialect
        self.header = header
        self.detectionBytes = detectionBytes
        self.maxFieldBytes = maxFieldBytes
        self.maxColumns = maxColumns
        self.maxRows = maxRows
    }
}
