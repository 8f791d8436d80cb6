import Domain
import JSON

/// A step that can begin: a pure function of the definition and the journal.
struct ReadyStep: Sendable {
    let node: FlowNode
    let key: StepKey
    let iteration: Int
}

extension FlowPlan {
    /// One time that a condition was met.
    private struct Occurrence {
        /// The position of the event that met it.
        let at: Int64
        let iteration: Int
        /// The steps whose ends it consists of.
        let steps: [StepKey]
    }

    /// The steps that were never begun in the round that is their turn, and whose condition is met.
    func ready(_ journal: [StepRecord]) -> [ReadyStep] {
        let last = Dictionary(journal.map { ($0.name, $0) }) { $0.key.round > $1.key.round ? $0 : $1 }
        let ends = StepEnds(journal)
        return nodes.compactMap { node in
            let before = last[node.name]
            guard before.map(\.status.isFinal) ?? true else { return nil }
            let round = (before?.key.round ?? 0) + 1
            guard let occurrence = occurrence(round, of: node, ends) else { return nil }
            return ReadyStep(
                node: node,
                key: StepKey(node.name, round: round),
                iteration: occurrence.iteration
            )
        }
    }

    /// The ends of steps that a round of a step was begun by, first the one that came first.
    func causes(of key: StepKey, _ journal: [StepRecord]) -> [StepKey] {
        guard let node = node(key.name) else { return [] }
        return occurrence(key.round, of: node, StepEnds(journal))?.steps ?? []
    }

    /// What a step may read of others: of those that began it, what they left then, and of the rest what they left last
    /// before the flow went back beyond this step's iteration.
    func results(for key: StepKey, iteration: Int, _ journal: [StepRecord]) -> [String: JSON] {
        var results: [String: JSON] = [:]
        for record in StepEnds(journal).inOrder where record.iteration <= iteration {
            results[record.name] = record.result
        }
        let causes = causes(of: key, journal)
        for record in journal where causes.contains(record.key) { results[record.name] = record.result }
        return results
    }

    private func occurrence(_ round: Int, of node: FlowNode, _ ends: StepEnds) -> Occurrence? {
        guard let condition = node.condition else {
            return round == 1 ? Occurrence(at: 0, iteration: 1, steps: []) : nil
        }
        let occurrences = occurrences(of: condition, for: node, ends)
        return round <= occurrences.count ? occurrences[round - 1] : nil
    }

    /// All times a condition was met, in order. What happens later only adds to its end.
    private func occurrences(of condition: FlowCondition, for node: FlowNode, _ ends: StepEnds) -> [Occurrence] {
        switch condition {
        case .step(let name):
            return ends.of(name).map { occurrence($0, for: node, label: nil) }
        case .label(let text):
            return ends.inOrder.filter {
                $0.result?.string == text && self.node($0.name)?.labels.contains(text) == true
            }
            .map { occurrence($0, for: node, label: text) }
        case .any(let parts):
            var seen: Set<Int> = []
            return parts.flatMap { occurrences(of: $0, for: node, ends) }
                .enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
                .filter { seen.insert($0.iteration).inserted }
        case .all(let parts):
            let lists = parts.map { occurrences(of: $0, for: node, ends) }
            return (0..<(lists.map(\.count).min() ?? 0)).map { index in
                let met = lists.map { $0[index] }.sorted { $0.at < $1.at }
                return Occurrence(
                    at: met.map(\.at).max() ?? 0,
                    iteration: met.map(\.iteration).max() ?? 1,
                    steps: met.flatMap(\.steps)
                )
            }
        }
    }

    private func occurrence(_ end: StepRecord, for node: FlowNode, label: String?) -> Occurrence {
        let goesBack = backEdges.contains(FlowEdge(from: end.name, to: node.name, label: label))
        return Occurrence(
            at: end.doneSeq ?? 0,
            iteration: end.iteration + (goesBack ? 1 : 0),
            steps: [end.key]
        )
    }
}

/// The steps of a journal that are done, in the order of their ends.
private struct StepEnds {
    let inOrder: [StepRecord]
    private let byName: [String: [StepRecord]]

    init(_ journal: [StepRecord]) {
        let done = journal.filter { $0.status == .done }
        inOrder = done.enumerated()
            .sorted { ($0.element.doneSeq ?? 0, $0.offset) < ($1.element.doneSeq ?? 0, $1.offset) }
            .map(\.element)
        byName = Dictionary(grouping: inOrder, by: \.name)
    }

    /// The ends of a step, round by round.
    func of(_ name: String) -> [StepRecord] { byName[name] ?? [] }
}
