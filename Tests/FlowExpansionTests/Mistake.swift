import Testing

/// A mistake in a declaration, and what is said to it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let id: String
    let source: String
    /// What the message points at.
    let node: String
    let message: String
    /// What its notes point at.
    var notes: [String] = []
    /// What the source has in it once each of its fix-its was taken.
    var fixed: [String] = []

    var testDescription: String { "\(id): \(message)" }

    /// A mistake of a flow with these members.
    static func inFlow(
        _ id: String,
        _ members: String,
        at node: String,
        _ message: String,
        notes: [String] = [],
        fixed: [String] = []
    ) -> Mistake {
        let source = """
            @Flow("t")
            struct T {
                struct State: Codable, Sendable {}
                \(members)
            }
            """
        return Mistake(id: id, source: source, node: node, message: message, notes: notes, fixed: fixed)
    }
}
