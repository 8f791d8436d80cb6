// Which column is which attribute: the result of `map_attributes`, shown to a person and edited by one.

/// The proposal for one column.
public struct ColumnMapping: Sendable, Hashable, Codable {
    /// Unique name of the column.
    public let column: String
    /// What it is, or nil when it stays an extra of the asset.
    public var attribute: CanonicalAttribute?
    /// How sure the proposal is, 0…1; 1 when a person decided.
    public var confidence: Double
    /// What the proposal rests on.
    public var reason: AttributeMapping.Reason
    /// The reason in words.
    public var explanation: String
    /// Values of the column, masked.
    public let samples: [String]
}

/// Why an edit of a mapping is refused.
public enum MappingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The export has no column of that name.
    case unknownColumn(String)
    /// There is no canonical attribute of that name.
    case unknownAttribute(String, column: String)
    /// Two columns would be the same attribute.
    case duplicateAttribute(CanonicalAttribute, columns: [String])

    /// One clear sentence for people.
    public var description: String {
        switch self {
        case .unknownColumn(let column):
            "The export has no column “\(column.cut(to: DiscoveryLimits.nameCharacters))”."
        case .unknownAttribute(let name, let column):
            "Column “\(column.cut(to: DiscoveryLimits.nameCharacters))” is mapped to “\(name.cut(to: 60))”, which is no attribute."
        case .duplicateAttribute(let attribute, let columns):
            "The attribute \(attribute.rawValue) is mapped to more than one column: \(columns.joined(separator: ", "))."
        }
    }
}

/// One entry per column, in order; an attribute occurs at most once.
public struct AttributeMapping: Sendable, Hashable, Codable {
    /// What a proposal rests on.
    public enum Reason: String, Sendable, Hashable, Codable {
        /// The column bears the attribute's own name.
        case name
        /// It bears a known other name.
        case synonym
        /// Its name resembles a known one.
        case fuzzy
        /// Its values look like the attribute.
        case content
        /// A person decided.
        case manual
        /// Nothing fits.
        case none
    }

    /// One entry per column of the export, in order.
    public private(set) var columns: [ColumnMapping]

    /// A mapping of the columns of an export; attributes must not repeat.
    public init(columns: [ColumnMapping]) throws(MappingError) {
        self.columns = columns
        try checkOneToOne()
    }

    /// For the mapper, whose assignment is one-to-one by construction.
    init(assigned columns: [ColumnMapping]) {
        self.columns = columns
    }

    /// A mapping read from stored JSON; fails like ``init(columns:)``.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(columns: container.decode([ColumnMapping].self, forKey: .columns))
    }

    /// Columns that are no attribute; their values stay as extras of the asset.
    public var unmapped: [String] { columns.filter { $0.attribute == nil }.map(\.column) }

    /// The position of the column that is `attribute`.
    public func column(of attribute: CanonicalAttribute) -> Int? {
        columns.firstIndex { $0.attribute == attribute }
    }

    /// The mapping after a person's edit: column name → attribute name, or nil for “none”.
    ///
    /// Columns not named keep their attribute, unless the edit gives it to another column.
    public func applying(_ edits: [String: String?]) throws(MappingError) -> AttributeMapping {
        var edited = columns
        var given: Set<CanonicalAttribute> = []
        for (column, name) in edits.sorted(by: { $0.key < $1.key }) {
            guard let index = columns.firstIndex(where: { $0.column == column }) else { throw .unknownColumn(column) }
            var attribute: CanonicalAttribute?
            if let name {
                guard let known = CanonicalAttribute(rawValue: name) else {
                    throw .unknownAttribute(name, column: column)
                }
                given.insert(known)
                attribute = known
            }
            guard attribute != columns[index].attribute else { continue }
            edited[index].attribute = attribute
            edited[index].confidence = 1
            edited[index].reason = .manual
            edited[index].explanation = "decided by a person"
        }
        for index in edited.indices where !edits.keys.contains(edited[index].column) {
            guard let attribute = edited[index].attribute, given.contains(attribute) else { continue }
            edited[index].attribute = nil
            edited[index].confidence = 0
            edited[index].reason = .none
            edited[index].explanation = "given to another column by a person"
        }
        return try AttributeMapping(columns: edited)
    }

    private func checkOneToOne() throws(MappingError) {
        for attribute in CanonicalAttribute.allCases {
            let claims = columns.filter { $0.attribute == attribute }.map(\.column)
            if claims.count > 1 { throw .duplicateAttribute(attribute, columns: claims) }
        }
    }
}
