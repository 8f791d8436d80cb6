import JSON

extension FlowType {
    /// Says how the steps differ from those of a flow that began earlier; nil when they do not.
    func difference(from graph: JSON?) -> String? {
        guard let graph, graph != plan.graph else { return nil }
        let (before, now) = (Self.nodes(of: graph), Self.nodes(of: plan.graph))
        let gone = before.keys.filter { now[$0] == nil }.sorted()
        let new = now.keys.filter { before[$0] == nil }.sorted()
        var parts: [String] = []
        if !gone.isEmpty { parts.append("without \(gone.joined(separator: ", "))") }
        if !new.isEmpty { parts.append("with \(new.joined(separator: ", "))") }
        guard parts.isEmpty else { return parts.joined(separator: ", ") }
        let others = now.keys.filter { before[$0] != now[$0] }.sorted()
        return others.isEmpty
            ? "the same steps in another order" : "other conditions of \(others.joined(separator: ", "))"
    }

    /// What a graph says of each step: its node and the ways that lead there.
    private static func nodes(of graph: JSON) -> [String: Set<JSON>] {
        var nodes: [String: Set<JSON>] = [:]
        for node in graph["nodes"]?.array ?? [] { if let id = node["id"]?.string { nodes[id] = [node] } }
        for edge in graph["edges"]?.array ?? [] { if let to = edge["to"]?.string { nodes[to]?.insert(edge) } }
        return nodes
    }
}
