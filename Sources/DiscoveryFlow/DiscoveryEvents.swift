public import Events

/// The export is being read for the first time.
public struct DataValidationStarted: CustomEvent, Equatable {
    /// `discovery.data_validation_started`.
    public static let name = "discovery.data_validation_started"
    /// The export's size in bytes.
    public let bytes: Int
}

/// What the export holds is known.
public struct DataValidationFinished: CustomEvent, Equatable {
    /// `discovery.data_validation_finished`.
    public static let name = "discovery.data_validation_finished"
    /// How many rows it has.
    public let rows: Int
    /// How many columns.
    public let columns: Int
}

/// Columns were given to attributes, which people may still change.
public struct AttributesMapped: CustomEvent, Equatable {
    /// `discovery.attributes_mapped`.
    public static let name = "discovery.attributes_mapped"
    /// How many columns have an attribute.
    public let mapped: Int
    /// How many have none.
    public let unmapped: Int
}

/// Changes of values and duplicates were found, for people to accept.
public struct DataCleansed: CustomEvent, Equatable {
    /// `discovery.data_cleansed`.
    public static let name = "discovery.data_cleansed"
    /// How many groups of changes are proposed.
    public let changes: Int
}

/// The inventory is stored.
public struct InventoryBuilt: CustomEvent, Equatable {
    /// `discovery.inventory_built`.
    public static let name = "discovery.inventory_built"
    /// How many assets it has.
    public let assets: Int
}
