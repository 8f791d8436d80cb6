// The asset: what the flow leaves behind in the inventory.

/// An asset as built from one record of an export.
public struct AssetRecord: Sendable, Hashable, Codable {
    /// Identity within the tenant's inventory: building the same export again gives the same keys, so that storing
    /// upserts. At most 160 bytes.
    public let key: String
    /// Canonical attributes; absent when unknown.
    public let attributes: [CanonicalAttribute: String]
    /// Values of the columns that are no attribute, by column name.
    public let extra: [String: String]
    /// What is odd about the asset; at most ``DiscoveryLimits/issues``.
    public let issues: [RecordIssue]
    /// Data row of the export, counted from 1.
    public let sourceRow: Int
    /// Further rows merged into it; the first 100.
    public let mergedRows: [Int]

    enum CodingKeys: String, CodingKey {
        case key
        case attributes
        case extra
        case issues
        case sourceRow = "source_row"
        case mergedRows = "merged_rows"
    }

    /// The name to show: host name, FQDN, asset id, serial number or the key.
    public var displayName: String {
        attributes[.hostname] ?? attributes[.fqdn] ?? attributes[.assetID] ?? attributes[.serialNumber] ?? key
    }
}
