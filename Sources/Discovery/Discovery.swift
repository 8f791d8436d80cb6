// Discovery: what the steps of the discovery flow do to a CMDB export.
//
//   bytes ─► CSVReader ─► rows ─┬─► DataValidator ─► ValidationReport      (validate_data)
//                               │        └ profiles ─► AttributeMapper     (map_attributes)
//                               ├─► CleansingAnalyzer ─► CleansingProposal (cleanse_data)
//                               └─► RecordCleanser ─► DuplicateMerger ─► InventoryBuilder ─► AssetRecord
//                                                                          (build_inventory)
//
// Everything here is pure: bytes and values in, values out. It knows no file, socket, clock, task, tenant or flow;
// the flow wiring decides where the bytes come from and where the results go. Each pass reads the export as a stream
// and keeps bounded state; only the duplicate index and the set of asset keys grow with the rows, by a few bytes each.
// Results never grow with the input.
// What reaches a result is masked where it is personal data; raw values leave this target only inside an AssetRecord.

/// The bounds every discovery result keeps, whatever the size of the export.
public enum DiscoveryLimits {
    /// Columns an export may have.
    public static let columns = 512
    /// Sample values shown per column, finding or group of changes.
    public static let samples = 5
    /// Most frequent values shown per column.
    public static let topValues = 20
    /// Ragged rows listed one by one; further ones are only counted.
    public static let raggedRows = 100
    /// Characters of a sample value; longer ones are cut and end in `…`.
    public static let sampleCharacters = 80
    /// Characters of a column name; longer ones are cut.
    public static let nameCharacters = 120
    /// Characters of a value kept in an asset; longer ones are cut and named in the asset's issues.
    public static let valueCharacters = 4096
    /// Issues kept per asset.
    public static let issues = 20
}
