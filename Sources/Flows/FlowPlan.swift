import Domain
import FlowRules
import JSON

/// The steps of a flow type and what each waits for.
struct FlowPlan: Sendable {
    let nodes: [FlowNode]
    private let byName: [String: FlowNode]
    /// Ways by which a flow goes back: from a step to one that comes before it.
    let backEdges: Set<FlowEdge>

    /// Checks that the steps fit together.
    init(_ nodes: [FlowNode]) throws(FlowDefinitionError) {
        if let fault = FlowFault.all(in: nodes.map(\.outline)).first { throw FlowDefinitionError(fault, in: nodes) }
        self.nodes = nodes
        byName = Dictionary(nodes.map { ($0.name, $0) }) { first, _ in first }
        backEdges = FlowEdge.backEdges(of: nodes)
    }

    func node(_ name: String) -> FlowNode? { byName[name] }

    /// The graph as clients draw it, and as it is compared with that of a flow which began earlier.
    var graph: JSON {
        [
            "nodes": .array(nodes.map(\.drawn)),
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

    private struct Walk {
        let edges: [String: [FlowEdge]]
        var path: [String] = []
        var seen: Set<String> = []
        var back: [FlowEdge] = []

        mutating func visit(_ name: String) {
            guard seen.insert(name).inserted else { return }
            path.append(name)
            for edge in edges[name] ?? [] {
                if path.contains(edge.to) {
                    back.append(edge)
                } else {
                    visit(edge.to)
                }
            }
            path.removeLast()
        }
    }
}

extension FlowNode {
    /// The node of the graph. Of a step that waits for one thing only, the edges say what.
    fileprivate var drawn: JSON {
        var object: JSONObject = ["id": JSON(name), "kind": JSON(kind.rawValue)]
        switch condition {
        case .all, .any: object["when"] = condition?.drawn
        case .step, .label, nil: break
        }
        return .object(object)
    }
}

extension FlowCondition {
    /// `"step"`, `{"label": "…"}`, `{"all": […]}` or `{"any": […]}`.
    fileprivate var drawn: JSON {
        switch self {
        case .step(let name): JSON(name)
        case .label(let text): ["label": JSON(text)]
        case .all(let parts): ["all": .array(parts.map(\.drawn))]
        case .any(let parts): ["any": .array(parts.map(\.drawn))]
        }
    }
}
