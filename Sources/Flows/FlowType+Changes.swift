import JSON

extension FlowType {
    /// Says how the steps differ from those of a flow that began earlier; nil when they do not.
    func difference(from graph: JSON?) -> String? {
        guard let graph, graph != plan.graph else { return nil }
        func names(_ graph: JSON) -> Set<String> {
            Set(graph["nodes"]?.array?.compactMap { $0["id"]?.string } ?? [])
        }
        let (before, now) = (names(graph), names(plan.graph))
        let gone = before.subtracting(now).sorted()
        let new = now.subtracting(before).sorted()
        var parts: [String] = []
        if !gone.isEmpty { parts.append("without \(gone.joined(separator: ", "))") }
        if !new.isEmpty { parts.append("with \(new.joined(separator: ", "))") }
        return parts.isEmpty ? "the same steps in another order" : parts.joined(separator: ", ")
    }
}
