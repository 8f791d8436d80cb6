import Domain
import JSON

/// Which step is next: a pure function of the definition and the journal.
struct FlowPlan: Sendable {
    let nodes: [FlowNode]

    /// Checks that the steps fit together.
    init(_ nodes: [FlowNode]) throws(FlowError) {
        var names: Set<String> = []
        for node in nodes where !names.insert(node.name).inserted { throw .duplicateStep(node.name) }
        guard nodes.contains(where: { $0.trigger == .start }) else { throw .noStart }
        let declared = Set(nodes.flatMap(\.labels))
        var heard: Set<String> = []
        for node in nodes {
            for step in node.trigger.steps where !names.contains(step) {
                throw .unknownStep(listener: node.name, step: step)
            }
            guard case .label(let label) = node.trigger else { continue }
            guard declared.contains(label) else { throw .undeclaredListener(listener: node.name, label: label) }
            heard.insert(label)
        }
        for node in nodes {
            for label in node.labels where !heard.contains(label) {
                throw .unheardLabel(router: node.name, label: label)
            }
        }
        self.nodes = nodes
    }

    func node(_ name: String) -> FlowNode? { nodes.first { $0.name == name } }

    /// The steps that may start now: never begun and triggered, or begun by a process that did not finish them.
    func ready(_ journal: [StepRecord]) -> [FlowNode] {
        let records = Dictionary(journal.map { ($0.name, $0) }) { first, _ in first }
        return nodes.filter { node in
            switch records[node.name]?.status {
            case .running: true
            case .waiting, .done, .failed, .skipped: false
            case nil: isTriggered(node.trigger, records)
            }
        }
    }

    /// The results of all steps that are done.
    func results(_ journal: [StepRecord]) -> [String: JSON] {
        var results: [String: JSON] = [:]
        for record in journal where record.status == .done { results[record.name] = record.result }
        return results
    }

    /// The graph as clients draw it.
    var graph: JSON {
        var edges: [JSON] = []
        for node in nodes {
            for step in node.trigger.steps { edges.append(["from": JSON(step), "to": JSON(node.name)]) }
            guard case .label(let label) = node.trigger else { continue }
            for router in nodes where router.labels.contains(label) {
                edges.append(["from": JSON(router.name), "to": JSON(node.name), "label": JSON(label)])
            }
        }
        return [
            "nodes": .array(nodes.map { ["id": JSON($0.name), "kind": JSON($0.kind.rawValue)] }),
            "edges": .array(edges),
        ]
    }

    private func isTriggered(_ trigger: FlowNode.Trigger, _ records: [String: StepRecord]) -> Bool {
        func isDone(_ name: String) -> Bool { records[name]?.status == .done }
        switch trigger {
        case .start: return true
        case .step(let name): return isDone(name)
        case .all(let names): return names.allSatisfy(isDone)
        case .any(let names): return names.contains(where: isDone)
        case .label(let label):
            return nodes.contains { node in
                node.labels.contains(label) && isDone(node.name) && records[node.name]?.result?.string == label
            }
        }
    }
}
