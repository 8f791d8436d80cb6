/// A path with named holes: `/v1/flows/{id}`.
struct PathTemplate: Sendable, Hashable, ExpressibleByStringLiteral {
    enum Segment: Sendable, Hashable {
        case literal(String)
        case capture(String)
    }

    let text: String
    let segments: [Segment]

    init(stringLiteral text: String) {
        self.text = text
        segments = text.split(separator: "/", omittingEmptySubsequences: true).map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .capture(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The names of the holes, in order.
    var captures: [String] {
        segments.compactMap { segment in if case .capture(let name) = segment { name } else { nil } }
    }

    /// What stands in the holes, nil when the path is another one. An empty segment fills no hole, so that a trailing slash
    /// is another path.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var captures: [String: String] = [:]
        for (segment, part) in zip(segments, path) {
            switch segment {
            case .literal(let text):
                guard text == part else { return nil }
            case .capture(let name):
                guard !part.isEmpty else { return nil }
                captures[name] = part
            }
        }
        return captures
    }
}
