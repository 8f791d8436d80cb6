import Domain
import JSON

/// The steps of a flow type and what each waits for.
struct FlowPlan: Sendable {
    let nodes: [FlowNode]
    private let byName: [String: FlowNode]
    /// Ways by which a flow goes back: from a step to one that comes before it.
    let backEdges: Set<FlowEdge>

    /// Checks that the steps fit together.
    init(_ nodes: [FlowNode]) throws(FlowDefinitionError) {
        var byName: [String: FlowNode] = [:]
        for node in nodes {
            guard Self.isName(node.name) else { throw .invalidStepName(node.name) }
            guard byName.updateValue(node, forKey: node.name) == nil else { throw .duplicateStep(node.name) }
        }
        guard nodes.contains(where: { $0.condition == nil }) else { throw .noStart }
        let declared = Set(nodes.flatMap(\.labels))
        for node in nodes {
            guard let condition = node.condition else { continue }
            for step in condition.steps where byName[step] == nil {
                throw .unknownStep(listener: node.name, step: step)
            }
            for label in condition.labels where !declared.contains(label) {
                throw .undeclaredListener(listener: node.name, label: label)
            }
        }
        let heard = Set(nodes.compactMap(\.condition).flatMap(\.labels))
        for node in nodes {
            for label in node.labels where !heard.contains(label) {
                throw .unheardLabel(router: node.name, label: label)
            }
        }
        if let stuck = Self.stuck(nodes) { throw .neverRuns(stuck) }
        if let cycle = FlowEdge.cycle(in: nodes.filter { $0.policy.rounds == nil }) { throw .unboundedCycle(cycle) }
        self.nodes = nodes
        self.byName = byName
        backEdges = FlowEdge.backEdges(of: nodes)
    }

    func node(_ name: String) -> FlowNode? { byName[name] }

    /// The longest name of a step, in bytes.
    static let maximumName = 100

    /// A slash parts a step's name from what it asks.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= maximumName && !name.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "/") }
    }

    /// A step that never runs, whatever the routers say.
    private static func stuck(_ nodes: [FlowNode]) -> String? {
        var running = Set(nodes.filter { $0.condition == nil }.map(\.name))
        while true {
            let labels = Set(nodes.filter { running.contains($0.name) }.flatMap(\.labels))
            let more = nodes.filter { node in
                !running.contains(node.name)
                    && node.condition?.isMet {
                        switch $0 {
                        case .step(let name): running.contains(name)
                        case .label(let text): labels.contains(text)
                        case .all, .any: false
                        }
                    } == true
            }
            guard !more.isEmpty else { return nodes.first { !running.contains($0.name) }?.name }
            running.formUnion(more.map(\.name))
        }
    }

    /// The graph as clients draw it, and as it is compared with that of a flow which began earlier.
    var graph: JSON {
        [
            "nodes": .array(nodes.map { ["id": JSON($0.name), "kind": JSON($0.kind.rawValue)] }),
            "edges": .array(
                FlowEdge.all(of: nodes).map { edge in
                    var object: JSONObject = ["from": JSON(edge.from), "to": JSON(edge.to)]
                    if let label = edge.label { object["label"] = JSON(label) }
                    return .object(object)
                }
            ),
        ]
    }
}

/// A way from a step to one that waits for it.
struct FlowEdge: Hashable, Sendable {
    let from: String
    let to: String
    /// The label that leads there, when the first is a router.
    let label: String?

    static func all(of nodes: [FlowNode]) -> [FlowEdge] {
        nodes.flatMap { node in
            let steps = node.condition?.steps ?? []
            let labels = node.condition?.labels ?? []
            return steps.map { FlowEdge(from: $0, to: node.name, label: nil) }
                + labels.flatMap { label in
                    nodes.filter { $0.labels.contains(label) }
                        .map { FlowEdge(from: $0.name, to: node.name, label: label) }
                }
        }
    }

    /// The edges to a step that the way there has passed already, seen from the starts in the order of the definition.
    static func backEdges(of nodes: [FlowNode]) -> Set<FlowEdge> {
        var walk = Walk(edges: Dictionary(grouping: all(of: nodes), by: \.from))
        for node in nodes where node.condition == nil { walk.visit(node.name) }
        return Set(walk.back)
    }

    /// The steps of a circle, in order; nil when there is none.
    static func cycle(in nodes: [FlowNode]) -> [String]? {
        let names = Set(nodes.map(\.name))
        let inside = all(of: nodes).filter { names.contains($0.from) && names.contains($0.to) }
        var walk = Walk(edges: Dictionary(grouping: inside, by: \.from))
        for node in nodes { walk.visit(node.name) }
        return walk.firstCycle
    }

    private struct Walk {
        let edges: [String: [FlowEdge]]
        var path: [String] = []
        var seen: Set<String> = []
        var back: [FlowEdge] = []
        var firstCycle: [String]?

        mutating func visit(_ name: String) {
            guard seen.insert(name).inserted else { return }
            path.append(name)
            for edge in edges[name] ?? [] {
                if let start = path.firstIndex(of: edge.to) {
                    back.append(edge)
                    firstCycle = firstCycle ?? Array(path[start...])
                } else {
                    visit(edge.to)
                }
            }
            path.removeLast()
        }
    }
}
