import Discovery
import Domain
import Flows
import JSON

/// Turns rows into assets and stores them in batches.
///
/// Each asset is stored under a key that depends on the data only, so a step that runs again after a crash overwrites what
/// it wrote before.
struct InventoryWriter {
    private var cleanser: RecordCleanser
    private var merger: DuplicateMerger
    private var builder = InventoryBuilder()
    private var counter = DiscoverySummaryBuilder()
    private let accepted: Set<String>
    private var waiting: [AssetRecord] = []

    private static let batch = 250
    /// The most bytes of what assets are sorted and filtered by: an index of the database holds two of them and refuses a
    /// row of more than 2704 bytes. The attributes keep the whole value.
    private static let maximumIndexedBytes = 1024

    init(mapping: AttributeMapping, profiles: [ColumnProfile], accepted: Set<String>, plan: DuplicatePlan) {
        cleanser = RecordCleanser(mapping: mapping, profiles: profiles, accepting: accepted)
        merger = DuplicateMerger(plan: plan)
        self.accepted = accepted
    }

    mutating func add(_ row: CSVRow) {
        guard let record = merger.add(cleanser.cleanse(row)), let asset = builder.build(record) else { return }
        counter.add(asset, mergedRows: record.mergedRows.count)
        waiting.append(asset)
    }

    /// Stores what waits: full batches only, or all of it.
    mutating func store(in context: StepContext<DiscoveryState>, all: Bool) async throws {
        while waiting.count >= Self.batch || (all && !waiting.isEmpty) {
            try Task.checkCancellation()
            let now = Timestamp.now()
            let flow = context.flow
            let assets = try waiting.prefix(Self.batch).map { record in
                Asset(
                    id: .generate(),
                    key: record.key,
                    flow: flow,
                    name: record.displayName.cut(toBytes: Self.maximumIndexedBytes),
                    type: record.attributes[.assetType]?.cut(toBytes: Self.maximumIndexedBytes),
                    environment: record.attributes[.environment]?.cut(toBytes: Self.maximumIndexedBytes),
                    attributes: try JSON(encoding: record),
                    sourceRow: record.sourceRow,
                    createdAt: now
                )
            }
            try await context.transaction { try await $0.assets.upsert(assets) }
            waiting.removeFirst(assets.count)
        }
    }

    func summary(_ report: ValidationReport, _ cleansing: Cleansing) -> DiscoverySummary {
        counter.summary(
            validation: report,
            mapping: cleansing.mapping,
            proposal: cleansing.proposal,
            accepted: accepted
        )
    }
}

extension String {
    /// The longest beginning of whole Unicode scalars that has at most so many bytes.
    fileprivate func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        while UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
