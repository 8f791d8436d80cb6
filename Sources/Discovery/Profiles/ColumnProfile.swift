// What one pass over the data learns about a column.

/// How many values of a column are valid in a format.
public struct FormatCount: Sendable, Hashable, Codable {
    /// The format.
    public let format: ValueFormat
    /// Values valid in it.
    public let count: Int
}

/// A value and how often it occurs.
public struct ValueCount: Sendable, Hashable, Codable {
    /// The value, white space collapsed, personal data masked, cut to ``DiscoveryLimits/sampleCharacters``.
    public let value: String
    /// Occurrences; a lower bound when the column has more distinct values than are tracked.
    public let count: Int
}

/// A column of an export: counts, lengths, formats, frequent values. Bounded whatever the data.
public struct ColumnProfile: Sendable, Hashable, Codable {
    /// Unique name of the column.
    public let name: String
    /// Position, counted from 0.
    public let index: Int
    /// Rows seen.
    public let count: Int
    /// Rows in which the column is empty or only white space.
    public let empty: Int
    /// Distinct non-empty values; exact when ``distinctIsExact``, else estimated within about 3 %.
    public let distinct: Int
    /// Whether ``distinct`` was counted rather than estimated.
    public let distinctIsExact: Bool
    /// Characters of the shortest non-empty value; 0 without one.
    public let minLength: Int
    /// Characters of the longest value.
    public let maxLength: Int
    /// Formats at least one value is valid in, most frequent first; a value may count in several.
    public let formats: [FormatCount]
    /// Most frequent values, at most ``DiscoveryLimits/topValues``.
    public let topValues: [ValueCount]
    /// First distinct values in order, masked; at most ``DiscoveryLimits/samples``.
    public let samples: [String]
    /// The order of day and month that the column's dates prove; nil when none does or they contradict.
    public let dateOrder: DateOrder?

    enum CodingKeys: String, CodingKey {
        case name
        case index
        case count
        case empty
        case distinct
        case distinctIsExact = "distinct_is_exact"
        case minLength = "min_length"
        case maxLength = "max_length"
        case formats
        case topValues = "top_values"
        case samples
        case dateOrder = "date_order"
    }

    /// Share of non-empty values valid in `format`, 0…1.
    public func share(of format: ValueFormat) -> Double {
        let filled = count - empty
        guard filled > 0, let found = formats.first(where: { $0.format == format }) else { return 0 }
        return Double(found.count) / Double(filled)
    }

    /// Distinct values per non-empty value, 0…1; near 1 for identifiers.
    public var distinctRatio: Double {
        count > empty ? min(1, Double(distinct) / Double(count - empty)) : 0
    }
}
