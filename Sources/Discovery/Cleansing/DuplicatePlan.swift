// Which rows are merged into which: union–find over the pairs the index found.

/// The merging of duplicates for a set of accepted reasons. Deterministic.
///
/// Of the rows of a cluster the one with the most filled attributes survives; among equals the one last seen latest,
/// then the first. What it lacks is filled from the others in order of row.
public struct DuplicatePlan: Sendable, Hashable {
    /// Rows that are one asset.
    public struct Cluster: Sendable, Hashable {
        /// The row that survives.
        public let survivor: Int
        /// The rows merged into it, ascending.
        public let merged: [Int]
        /// What the rows agree in.
        public let reasons: [DuplicateReason]
    }

    /// The clusters, by their first row.
    public let clusters: [Cluster]
    private let clusterOfRow: [Int: Int]

    /// Rows merged away.
    public var mergedRows: Int { clusters.reduce(0) { $0 + $1.merged.count } }

    /// A plan without duplicates.
    public static let none = DuplicatePlan(clusters: [])

    init(clusters: [Cluster]) {
        self.clusters = clusters
        var clusterOfRow: [Int: Int] = [:]
        for (index, cluster) in clusters.enumerated() {
            for row in cluster.merged + [cluster.survivor] { clusterOfRow[row] = index }
        }
        self.clusterOfRow = clusterOfRow
    }

    init(_ index: DuplicateIndex, accepting reasons: Set<DuplicateReason>) {
        let edges = index.edges.filter { reasons.contains($0.reason) }
        var parents: [Int: Int] = [:]
        func root(_ row: Int) -> Int {
            var current = row
            while let parent = parents[current], parent != current {
                let grand = parents[parent] ?? parent
                parents[current] = grand
                current = grand
            }
            return current
        }
        for edge in edges {
            let (first, second) = (root(edge.first), root(edge.row))
            parents[max(first, second)] = min(first, second)
            if parents[min(first, second)] == nil { parents[min(first, second)] = min(first, second) }
        }
        var members: [Int: [Int]] = [:]
        for row in parents.keys { members[root(row), default: []].append(row) }
        var found: [Int: Set<DuplicateReason>] = [:]
        for edge in edges { found[root(edge.row), default: []].insert(edge.reason) }
        let clusters = members.sorted { $0.key < $1.key }.compactMap { first, rows -> Cluster? in
            let survivor = rows.max { left, right in
                let (l, r) = (left - 1, right - 1)
                return (index.filled[l], index.lastSeen[l], right) < (index.filled[r], index.lastSeen[r], left)
            }
            guard let survivor else { return nil }
            return Cluster(
                survivor: survivor,
                merged: rows.filter { $0 != survivor }.sorted(),
                reasons: DuplicateReason.allCases.filter { found[first]?.contains($0) == true }
            )
        }
        self.init(clusters: clusters)
    }

    /// The cluster `row` belongs to, or nil when it has no duplicate.
    public func cluster(of row: Int) -> Cluster? {
        clusterOfRow[row].map { clusters[$0] }
    }

    func clusterIndex(of row: Int) -> Int? { clusterOfRow[row] }
}

/// Merges duplicates in a stream of records. Memory: one record per open cluster.
public struct DuplicateMerger {
    private struct Open {
        var remaining: Int
        var survivor: CleansedRecord?
        var fill: [CanonicalAttribute: String] = [:]
        var extra: [String: String] = [:]
    }

    private let plan: DuplicatePlan
    private var open: [Int: Open] = [:]

    /// A merger for the records of the export `plan` was made from.
    public init(plan: DuplicatePlan) {
        self.plan = plan
    }

    /// Takes the next record; returns a finished one, or nil while duplicates of it are still to come.
    public mutating func add(_ record: CleansedRecord) -> CleansedRecord? {
        guard let index = plan.clusterIndex(of: record.row) else { return record }
        let cluster = plan.clusters[index]
        var state = open.removeValue(forKey: index) ?? Open(remaining: cluster.merged.count + 1)
        state.remaining -= 1
        if record.row == cluster.survivor {
            state.survivor = record
        } else {
            state.fill.merge(record.attributes) { first, _ in first }
            state.extra.merge(record.extra) { first, _ in first }
        }
        if state.remaining > 0 {
            open[index] = state
            return nil
        }
        guard var merged = state.survivor else { return nil }
        merged.attributes.merge(state.fill) { own, _ in own }
        merged.extra.merge(state.extra) { own, _ in own }
        merged.mergedRows = cluster.merged
        return merged
    }
}
