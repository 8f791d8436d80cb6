// What the tests of this target share: reading a whole export, running the passes, finding the repository.

import Discovery
import Foundation

/// A row copied out of the reader.
struct ReadRow: Equatable {
    let line: Int
    let values: [String]
    let found: Int
    let surplus: [String]
}

/// Everything the reader said about an export.
struct ReadResult {
    var rows: [ReadRow] = []
    var columns: [String] = []
    var dialect: CSVDialect?
    var hasHeader = false
    var encoding = TextEncoding.utf8
    var ragged: [RaggedRow] = []
    var raggedCount = 0
    var emptyLines = 0

    var values: [[String]] { rows.map(\.values) }
}

/// Reads `bytes` in the chunk sizes `next` yields.
func read(
    _ bytes: [UInt8],
    options: CSVOptions = CSVOptions(),
    chunk next: () -> Int = { 1 << 16 }
) throws(CSVError) -> ReadResult {
    var reader = CSVReader(options: options)
    var result = ReadResult()
    var position = 0
    func drain(_ reader: inout CSVReader) throws(CSVError) {
        while let row = try reader.next() {
            result.rows.append(ReadRow(line: row.line, values: row.values, found: row.found, surplus: row.surplus))
        }
    }
    while position < bytes.count {
        let end = min(bytes.count, position + max(1, next()))
        try reader.receive(Array(bytes[position..<end]))
        position = end
        try drain(&reader)
    }
    reader.finish()
    try drain(&reader)
    result.columns = reader.columns
    result.dialect = reader.dialect
    result.hasHeader = reader.hasHeader
    result.encoding = reader.encoding
    result.ragged = reader.raggedRows
    result.raggedCount = reader.raggedCount
    result.emptyLines = reader.emptyLines
    return result
}

func read(_ text: String, options: CSVOptions = CSVOptions()) throws(CSVError) -> ReadResult {
    try read(Array(text.utf8), options: options)
}

/// Calls `body` for every row of `bytes`, as one pass of the flow does.
func pass(_ bytes: [UInt8], _ body: (CSVRow, [String]) -> Void) throws(CSVError) -> CSVReader {
    var reader = CSVReader()
    try reader.receive(bytes)
    reader.finish()
    while let row = try reader.next() { body(row, reader.columns) }
    return reader
}

/// The results of the steps up to the proposal.
struct Analysis {
    let bytes: [UInt8]
    let report: ValidationReport
    let mapping: AttributeMapping
    let analyzer: CleansingAnalyzer
    let proposal: CleansingProposal

    init(_ bytes: [UInt8]) throws {
        var validator = DataValidator()
        let reader = try pass(bytes) { row, columns in validator.add(row, columns: columns) }
        let report = validator.report(reader)
        let mapping = AttributeMapper().map(report.columns)
        var analyzer = CleansingAnalyzer(mapping: mapping, profiles: report.columns)
        _ = try pass(bytes) { row, _ in analyzer.add(row) }
        self.bytes = bytes
        self.report = report
        self.mapping = mapping
        self.analyzer = analyzer
        proposal = analyzer.proposal()
    }

    init(_ text: String) throws {
        try self.init(Array(text.utf8))
    }

    /// The assets when the groups `accepted` are applied (all, when nil).
    func assets(accepting accepted: Set<String>? = nil) throws -> [AssetRecord] {
        let ids = accepted ?? proposal.groupIDs
        var cleanser = RecordCleanser(mapping: mapping, profiles: report.columns, accepting: ids)
        var merger = DuplicateMerger(plan: analyzer.duplicatePlan(accepting: ids))
        var builder = InventoryBuilder()
        var assets: [AssetRecord] = []
        _ = try pass(bytes) { row, _ in
            if let record = merger.add(cleanser.cleanse(row)), let asset = builder.build(record) {
                assets.append(asset)
            }
        }
        return assets
    }

    func group(_ id: String) -> CleansingGroup? { proposal.groups.first { $0.id == id } }
    func profile(_ name: String) -> ColumnProfile? { report.columns.first { $0.name == name } }
}

/// A seeded generator, so that a failing property can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// The sample export of the repository, found upwards from this file.
func sampleURL() -> URL? {
    var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
        let candidate = folder.appendingPathComponent("protocol/samples/cmdb-export.csv")
        if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        folder.deleteLastPathComponent()
    }
    return nil
}
