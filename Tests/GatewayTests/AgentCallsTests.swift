import Agents
import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// What is told of the agents of a server.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct AgentCallsTests {
    @Test func agentsAreListedWithTheirTools() async throws {
        try await SharedWorld.run { world in
            let answer = try await world.node.call("GET", "/v1/agents", as: try await world.token(.viewer))
            #expect(answer.status == 200, "\(answer)")
            let items = try #require(try answer.json()["items"]?.array)
            #expect(items.map { $0["name"] } == ["clerk"])
            let tool = try #require(items.first?["tools"]?[0])
            #expect(tool["name"] == "stamp" && tool["arguments_schema"] == Stamp.schema)
            // The agent is stricter than the tool.
            #expect(tool["approval"] == ["mode": "always", "risk": .null])
        }
    }

    @Test func nobodyIsToldWithoutAToken() async throws {
        try await SharedWorld.run { world in
            let answer = try await world.node.call("GET", "/v1/agents")
            #expect(answer.status == 401, "\(answer)")
        }
    }
}

/// An agent of the tests' servers.
enum Clerk: Agent {
    static let name = "clerk"
    static let summary = "Stamps papers."
    static let tools: [any Tool.Type] = [Stamp.self]
    static let policy = AgentPolicy(approval: .always, timeout: .seconds(5))
}

/// Its tool.
struct Stamp: Tool {
    static let name = "stamp"
    static let summary = "Stamps a paper."
    static let schema: JSON = ["type": "string", "minLength": 1]
    static let risk = Risk.low

    func call(_ arguments: String, _ call: ToolCall) async throws -> Bool { true }
}
