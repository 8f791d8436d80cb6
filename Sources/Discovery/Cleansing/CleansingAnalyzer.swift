// The step `cleanse_data`: one streaming pass that counts what every rule would change.

/// Accumulates a ``CleansingProposal`` and the index of duplicates.
public struct CleansingAnalyzer {
    private struct Tally {
        var count = 0
        var examples: [CleansingGroup.Example] = []
    }

    private var cleanser: RecordCleanser
    private let hints: [CanonicalAttribute: PIIColumnHint]
    private let scanner = PIIScanner()
    private var tallies: [CleansingTopic: Tally] = [:]
    private var duplicates = DuplicateIndex()
    private var changes: [CleansingChange] = []
    private var rows = 0
    private var changedRows = 0
    private var changedCells = 0

    /// An analyzer for an export mapped by `mapping` with the profiles of its columns.
    public init(mapping: AttributeMapping, profiles: [ColumnProfile]) {
        cleanser = RecordCleanser(mapping: mapping, profiles: profiles)
        let pairs = mapping.columns.compactMap { column in
            // A column mapped to the owner holds names of people, whatever it is called.
            column.attribute.map { ($0, PIIColumnHint(columnName: $0 == .owner ? "owner" : column.column)) }
        }
        hints = Dictionary(pairs) { first, _ in first }
    }

    /// Adds the next row of the export; all rows must be added, in order.
    public mutating func add(_ row: CSVRow) {
        rows += 1
        changes.removeAll(keepingCapacity: true)
        let record = cleanser.cleanse(row, changes: &changes)
        if !changes.isEmpty { changedRows += 1 }
        changedCells += changes.count
        for change in changes { count(change, row: row.number) }
        duplicates.add(record)
    }

    /// The proposal for the rows added so far.
    public func proposal() -> CleansingProposal {
        let plan = DuplicatePlan(duplicates, accepting: Set(DuplicateReason.allCases))
        var groups: [CleansingGroup] = []
        for attribute in CanonicalAttribute.allCases.map(Optional.some) + [nil] {
            for kind in CleansingGroup.Kind.allCases {
                let topic = CleansingTopic(attribute: attribute, kind: kind)
                guard let tally = tallies[topic] else { continue }
                groups.append(
                    CleansingGroup(
                        id: topic.id,
                        attribute: topic.attributeName,
                        kind: kind,
                        title: topic.title,
                        count: tally.count,
                        examples: tally.examples,
                        confidence: topic.confidence
                    )
                )
            }
        }
        return CleansingProposal(
            rows: rows,
            changedRows: changedRows,
            changedCells: changedCells,
            duplicateRows: plan.mergedRows,
            groups: groups + duplicateGroups()
        )
    }

    /// What is merged when only the groups `ids` are accepted.
    public func duplicatePlan(accepting ids: Set<String>) -> DuplicatePlan {
        DuplicatePlan(duplicates, accepting: Set(DuplicateReason.allCases.filter { ids.contains($0.groupID) }))
    }

    private mutating func count(_ change: CleansingChange, row: Int) {
        var tally = tallies.removeValue(forKey: change.topic) ?? Tally()
        tally.count += 1
        if tally.examples.count < DiscoveryLimits.samples {
            let hint = change.topic.attribute.flatMap { hints[$0] } ?? .none
            let example = CleansingGroup.Example(
                row: row,
                before: scanner.masked(change.before, hint: hint),
                after: scanner.masked(change.after, hint: hint)
            )
            if !tally.examples.contains(where: { $0.before == example.before }) { tally.examples.append(example) }
        }
        tallies[change.topic] = tally
    }

    private func duplicateGroups() -> [CleansingGroup] {
        DuplicateReason.allCases.compactMap { reason in
            let plan = DuplicatePlan(duplicates, accepting: [reason])
            guard plan.mergedRows > 0 else { return nil }
            let examples = duplicates.edges.lazy.filter { $0.reason == reason && $0.key != nil }
                .prefix(DiscoveryLimits.samples)
                .map { edge in
                    let survivor = plan.cluster(of: edge.row)?.survivor ?? edge.first
                    let merged = survivor == edge.row ? edge.first : edge.row
                    return CleansingGroup.Example(
                        row: merged,
                        before: scanner.masked(edge.key ?? ""),
                        after: "merged into row \(survivor)"
                    )
                }
            return CleansingGroup(
                id: reason.groupID,
                attribute: reason.rawValue,
                kind: .duplicate,
                title: reason.title,
                count: plan.mergedRows,
                examples: Array(examples),
                confidence: reason.confidence
            )
        }
    }
}
