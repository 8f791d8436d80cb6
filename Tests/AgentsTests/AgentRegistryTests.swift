import JSON
import Testing

@testable import Agents

/// What agents and tools may declare.
@Suite struct AgentRegistryTests {
    private enum Namesake: Agent {
        static let name = "intern"
        static let summary = "Another one."
        static let tools: [any Tool.Type] = []
    }

    private struct Odd: Tool {
        static let name = "odd"
        static let summary = "Has a schema that would not be enforced."
        static let schema: JSON = ["type": "string", "pattern": "^a"]
        static let risk = Risk.low
        func call(_ arguments: String, _ call: ToolCall) async throws -> Bool { true }
    }

    private enum Tinkerer: Agent {
        static let name = "tinkerer"
        static let summary = "Uses odd tools."
        static let tools: [any Tool.Type] = [Odd.self]
    }

    private enum Twin: Agent {
        static let name = "twin"
        static let summary = "Has a tool twice."
        static let tools: [any Tool.Type] = [Transfer.self, Transfer.self]
    }

    private enum Nameless: Agent {
        static let name = "no name"
        static let summary = "Has a space in its name."
        static let tools: [any Tool.Type] = []
    }

    @Test func agentsAreListedByNameWithWhatHoldsForTheirCalls() throws {
        let listing = try AgentRegistry([Visitor.self, Intern.self, Bookkeeper.self]).listing
        #expect(listing.map { $0["name"] } == ["bookkeeper", "intern", "visitor"])
        #expect(listing[1]["calls_per_step"] == 2 && listing[1]["timeout_ms"] == 50)
        #expect(listing[0]["timeout_ms"] == .null && listing[2]["tools"] == [])
        let tool = try #require(listing[0]["tools"]?[0])
        #expect(tool["name"] == "transfer" && tool["risk"] == "high")
        #expect(tool["approval"] == ["mode": "from", "risk": "high"])
        #expect(tool["arguments_schema"] == Transfer.schema && tool["output_schema"] == Transfer.outputSchema)
    }

    @Test func whatCannotBeToldApartOrCheckedIsRefused() {
        #expect(throws: AgentRegistryError.duplicateAgent("intern")) {
            try AgentRegistry([Intern.self, Namesake.self])
        }
        #expect(throws: AgentRegistryError.duplicateTool("transfer", agent: "twin")) { try AgentRegistry([Twin.self]) }
        #expect(throws: AgentRegistryError.invalidName("no name")) { try AgentRegistry([Nameless.self]) }
        #expect {
            try AgentRegistry([Tinkerer.self])
        } throws: { error in
            guard case .invalidTool(.invalidTool("odd", let reason), "tinkerer")? = error as? AgentRegistryError
            else { return false }
            return reason.contains("pattern")
        }
    }
}
