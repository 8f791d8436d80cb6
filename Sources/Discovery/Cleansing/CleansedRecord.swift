// A row after mapping and cleansing.

/// Something about a record that a person may want to look at.
public struct RecordIssue: Sendable, Hashable, Codable {
    /// The attribute concerned, or nil when it is the row as a whole.
    public let attribute: CanonicalAttribute?
    /// What is odd, as a sentence part.
    public let reason: String

    init(_ attribute: CanonicalAttribute?, _ reason: String) {
        self.attribute = attribute
        self.reason = reason
    }
}

/// A row of an export by attribute, after the accepted changes.
public struct CleansedRecord: Sendable, Hashable {
    /// Number of the data row, counted from 1.
    public let row: Int
    /// Line of the file, counted from 1.
    public let line: Int
    /// Non-empty values of the mapped columns.
    public internal(set) var attributes: [CanonicalAttribute: String] = [:]
    /// Non-empty values of the other columns, by column name.
    public internal(set) var extra: [String: String] = [:]
    /// What is odd about the record.
    public internal(set) var issues: [RecordIssue] = []
    /// Rows merged into this one.
    public internal(set) var mergedRows: [Int] = []
}
