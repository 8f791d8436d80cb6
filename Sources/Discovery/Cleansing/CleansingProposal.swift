// What `cleanse_data` proposes: groups of like changes, each accepted or rejected as a whole.

/// A group of like changes.
public struct CleansingGroup: Sendable, Hashable, Codable {
    /// What kind of change it is.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Surplus white space removed.
        case trim
        /// Letters brought to one case.
        case `case`
        /// Different spellings of one value made one.
        case unify
        /// Brought to a normal form.
        case format
        /// A placeholder such as `n/a` emptied.
        case null
        /// Rows that describe the same asset merged.
        case duplicate
    }

    /// One change, for people to judge the group by. Personal data is masked.
    public struct Example: Sendable, Hashable, Codable {
        /// Number of the data row, counted from 1.
        public let row: Int
        /// The value before.
        public let before: String
        /// The value after; for a merged row, where it goes.
        public let after: String
    }

    /// Stable name of the group, `<attribute>.<kind>`; what an approval lists.
    public let id: String
    /// The attribute changed, `extra` for columns that are none, or what duplicates agree in.
    public let attribute: String
    /// The kind of change.
    public let kind: Kind
    /// One line for people.
    public let title: String
    /// Cells changed, or rows merged away.
    public let count: Int
    /// Different examples, at most ``DiscoveryLimits/samples``.
    public let examples: [Example]
    /// How sure it is that the whole group is right, 0…1.
    public let confidence: Double
}

/// Why a decision about a proposal is refused.
public enum CleansingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The proposal has no group of that id.
    case unknownGroup(String)

    /// One clear sentence for people.
    public var description: String {
        switch self {
        case .unknownGroup(let id):
            "The proposal has no group of changes “\(id.cut(to: DiscoveryLimits.nameCharacters))”."
        }
    }
}

/// Everything `cleanse_data` proposes. At most a few groups per attribute, whatever the data.
public struct CleansingProposal: Sendable, Hashable, Codable {
    /// Rows looked at.
    public let rows: Int
    /// Rows in which at least one cell would change.
    public let changedRows: Int
    /// Cells that would change; a cell changed in two ways counts twice.
    public let changedCells: Int
    /// Rows that would be merged into another one.
    public let duplicateRows: Int
    /// The groups, in order of attribute and kind; those without a change are left out.
    public let groups: [CleansingGroup]

    enum CodingKeys: String, CodingKey {
        case rows
        case changedRows = "changed_rows"
        case changedCells = "changed_cells"
        case duplicateRows = "duplicate_rows"
        case groups
    }

    /// The ids of all groups.
    public var groupIDs: Set<String> { Set(groups.map(\.id)) }

    /// The ids as a set, when each names a group of this proposal.
    public func validated(accepting ids: [String]) throws(CleansingError) -> Set<String> {
        let known = groupIDs
        for id in ids where !known.contains(id) { throw .unknownGroup(id) }
        return Set(ids)
    }
}

/// Which group a change belongs to.
struct CleansingTopic: Hashable {
    /// Nil for columns that are no attribute.
    let attribute: CanonicalAttribute?
    let kind: CleansingGroup.Kind

    var id: String { "\(attributeName).\(kind.rawValue)" }
    var attributeName: String { attribute?.rawValue ?? "extra" }

    var title: String {
        let name = attribute?.title ?? "other columns"
        switch (kind, attribute) {
        case (.trim, _): return "Remove surplus spaces in \(name)"
        case (.null, _): return "Empty placeholders such as “n/a” in \(name)"
        case (.case, .serialNumber), (.case, .assetID): return "Write \(name) in upper case"
        case (.case, _): return "Write \(name) in lower case"
        case (.unify, _): return "Use one name for each \(name)"
        case (.format, .hostname): return "Move the domain from the host name to the FQDN"
        case (.format, .macAddress): return "Write MAC addresses as aa:bb:cc:dd:ee:ff"
        case (.format, .ipAddress): return "Write IP addresses in normal form, without prefix length"
        case (.format, .purchaseDate), (.format, .lastSeen): return "Write \(name) as ISO 8601 date"
        case (.format, .memoryGB), (.format, .storageGB): return "Write \(name) as a number of gigabytes"
        case (.format, .cpuCores): return "Write CPU cores as a number"
        case (.format, _), (.duplicate, _): return "Write \(name) in normal form"
        }
    }

    var confidence: Double {
        switch kind {
        case .trim: 0.99
        case .case: 0.97
        case .format: attribute == .purchaseDate || attribute == .lastSeen ? 0.9 : 0.95
        case .null: 0.95
        case .unify: 0.9
        case .duplicate: 0.9
        }
    }
}
