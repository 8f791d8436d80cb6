// What the finished flow reports: a few numbers, whatever the export.

/// The outcome of a discovery flow.
public struct DiscoverySummary: Sendable, Hashable, Codable {
    /// Data rows of the export.
    public let rows: Int
    /// Columns of the export.
    public let columns: Int
    /// Columns mapped to an attribute.
    public let mappedColumns: Int
    /// Rows with too few or too many fields.
    public let raggedRows: Int
    /// Columns in which personal data was found.
    public let piiColumns: Int
    /// Groups of changes accepted.
    public let acceptedGroups: Int
    /// Groups of changes rejected.
    public let rejectedGroups: Int
    /// Assets built.
    public let assets: Int
    /// Rows merged into another one.
    public let mergedRows: Int
    /// Rows that held nothing.
    public let blankRows: Int
    /// Assets with at least one issue.
    public let assetsWithIssues: Int
    /// Assets by environment, most frequent first; bounded, the rest under `other`.
    public let environments: [ValueCount]
    /// Assets by type, likewise.
    public let types: [ValueCount]

    enum CodingKeys: String, CodingKey {
        case rows
        case columns
        case mappedColumns = "mapped_columns"
        case raggedRows = "ragged_rows"
        case piiColumns = "pii_columns"
        case acceptedGroups = "accepted_groups"
        case rejectedGroups = "rejected_groups"
        case assets
        case mergedRows = "merged_rows"
        case blankRows = "blank_rows"
        case assetsWithIssues = "assets_with_issues"
        case environments
        case types
    }
}

/// Counts the assets as they are built.
public struct DiscoverySummaryBuilder {
    private static let trackedValues = 256

    private var assets = 0
    private var mergedRows = 0
    private var assetsWithIssues = 0
    private var environments: [String: Int] = [:]
    private var types: [String: Int] = [:]

    /// A builder that has counted nothing.
    public init() {}

    /// Counts one asset.
    /// - Parameter mergedRows: rows merged into it, all of them, not only those the asset lists.
    public mutating func add(_ asset: AssetRecord, mergedRows: Int) {
        assets += 1
        self.mergedRows += mergedRows
        if !asset.issues.isEmpty { assetsWithIssues += 1 }
        Self.count(asset.attributes[.environment], in: &environments)
        Self.count(asset.attributes[.assetType], in: &types)
    }

    /// The summary of the flow that led to the assets counted so far.
    public func summary(
        validation: ValidationReport,
        mapping: AttributeMapping,
        proposal: CleansingProposal,
        accepted: Set<String>
    ) -> DiscoverySummary {
        let taken = proposal.groupIDs.intersection(accepted).count
        return DiscoverySummary(
            rows: validation.rows,
            columns: validation.columns.count,
            mappedColumns: mapping.columns.count - mapping.unmapped.count,
            raggedRows: validation.raggedCount,
            piiColumns: Set(validation.pii.map(\.column)).count,
            acceptedGroups: taken,
            rejectedGroups: proposal.groups.count - taken,
            assets: assets,
            mergedRows: mergedRows,
            blankRows: validation.rows - assets - mergedRows,
            assetsWithIssues: assetsWithIssues,
            environments: Self.top(environments),
            types: Self.top(types)
        )
    }

    private static func count(_ value: String?, in counts: inout [String: Int]) {
        let name = value.map { $0.cut(to: DiscoveryLimits.sampleCharacters) } ?? "none"
        counts[counts[name] != nil || counts.count < trackedValues ? name : "other", default: 0] += 1
    }

    private static func top(_ counts: [String: Int]) -> [ValueCount] {
        let sorted = counts.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
        let kept = sorted.prefix(DiscoveryLimits.topValues)
        let rest = sorted.dropFirst(DiscoveryLimits.topValues).reduce(0) { $0 + $1.value }
        let listed = kept.map { ValueCount(value: $0.key, count: $0.value) }
        return rest > 0 ? listed + [ValueCount(value: "other", count: rest)] : listed
    }
}
