// The step `build_inventory`: from cleansed records to assets, with a stable key and the issues worth a look.

/// Builds assets from the records of one export, in order.
///
/// Memory: 16 bytes per asset, to keep the keys of records unique that share an identifier and were not merged.
public struct InventoryBuilder {
    private static let identities: [CanonicalAttribute] = [.assetID, .serialNumber, .macAddress, .fqdn]
    private static let maxMergedRows = 100
    private static let maxIdentityBytes = 120

    private var occurrences: [UInt64: Int] = [:]

    /// A builder at the start of an export. A step that is run again starts again with the first row.
    public init() {}

    /// The asset of `record`, or nil when the record holds nothing at all.
    public mutating func build(_ record: CleansedRecord) -> AssetRecord? {
        guard !record.attributes.isEmpty || !record.extra.isEmpty else { return nil }
        var issues = record.issues + Self.issues(of: record.attributes)
        let attributes = record.attributes.mapValues { $0.cut(to: DiscoveryLimits.valueCharacters) }
        for (attribute, value) in record.attributes where attributes[attribute] != value {
            issues.append(RecordIssue(attribute, "was cut to \(DiscoveryLimits.valueCharacters) characters"))
        }
        let extra = record.extra.mapValues { $0.cut(to: DiscoveryLimits.valueCharacters) }
        if extra != record.extra {
            issues.append(RecordIssue(nil, "has an extra value cut to \(DiscoveryLimits.valueCharacters) characters"))
        }
        return AssetRecord(
            key: key(of: record),
            attributes: attributes,
            extra: extra,
            issues: Array(issues.prefix(DiscoveryLimits.issues)),
            sourceRow: record.row,
            mergedRows: Array(record.mergedRows.prefix(Self.maxMergedRows))
        )
    }

    /// The best identifier of the record; its n-th holder gets `#n`, so that no row overwrites another.
    private mutating func key(of record: CleansedRecord) -> String {
        let base = Self.identity(of: record)
        let hash = StableHash.hash(base.utf8)
        let count = occurrences[hash, default: 0] + 1
        occurrences[hash] = count
        return count == 1 ? base : "\(base)#\(count)"
    }

    private static func identity(_ prefix: String, _ value: String) -> String {
        guard value.utf8.count <= maxIdentityBytes else {
            return "\(prefix):hash-\(String(StableHash.hash(value.utf8), radix: 16))"
        }
        return "\(prefix):\(value.lowercased())"
    }

    private static func identity(of record: CleansedRecord) -> String {
        for attribute in identities {
            if let value = record.attributes[attribute] { return identity(attribute.rawValue, value) }
        }
        if let host = record.attributes[.hostname] {
            return identity("hostname", host + (record.attributes[.ipAddress].map { "@" + $0 } ?? ""))
        }
        let attributes = record.attributes.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.key.rawValue)=\($0.value)"
        }
        let extra = record.extra.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let content = (attributes + extra).joined(separator: "\u{1F}")
        return "content:\(String(StableHash.hash(content.utf8), radix: 16))"
    }

    /// Values that are still not what their attribute promises, in order of attribute.
    private static func issues(of attributes: [CanonicalAttribute: String]) -> [RecordIssue] {
        var issues: [RecordIssue] = []
        func check(_ attribute: CanonicalAttribute, _ format: ValueFormat) {
            guard let value = attributes[attribute] else { return }
            if let reason = FormatValidator.validate(value, as: format).reason {
                issues.append(RecordIssue(attribute, reason))
            }
        }
        if attributes[.hostname] == nil, attributes[.fqdn] == nil {
            issues.append(RecordIssue(.hostname, "is missing, and so is the FQDN"))
        }
        check(.hostname, .hostname)
        check(.fqdn, .fqdn)
        if let address = attributes[.ipAddress] {
            let format = address.utf8.contains(0x3A) ? ValueFormat.ipv6 : .ipv4
            if let reason = FormatValidator.validate(address, as: format).reason {
                issues.append(RecordIssue(.ipAddress, reason))
            }
        }
        check(.macAddress, .mac)
        check(.ownerEmail, .email)
        check(.cpuCores, .integer)
        for attribute in [CanonicalAttribute.memoryGB, .storageGB] {
            if let value = attributes[attribute], !value.utf8.allSatisfy({ $0.isDigit || $0 == 0x2E }) {
                issues.append(RecordIssue(attribute, "is no number of gigabytes"))
            }
        }
        check(.purchaseDate, .date)
        check(.lastSeen, .date)
        return issues
    }
}
