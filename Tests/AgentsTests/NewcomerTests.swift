import Agents
import Domain
import FlowSupport
import Flows
import Foundation
import JSON
import TestSupport
import Testing

/// The first thing docs/FLOWS.md shows: one agent, one tool, one approval.
@Suite(.timeLimit(.minutes(2))) struct NewcomerTests {
    @Test func theExampleIsTheOneThatIsCompiledHere() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appending(path: "Newcomer.swift"), encoding: .utf8)
        let document = try String(contentsOf: here.appending(path: "../../docs/FLOWS.md"), encoding: .utf8)
        #expect(document.contains("```swift\n\(example)```\n"))
        #expect(example.split(separator: "\n", omittingEmptySubsequences: false).dropLast().count < 40)
    }

    @Test func theAgentIsFoundWithoutAList() throws {
        #expect(try AgentRegistry.linked().agents.contains { $0 == Clerk.self })
    }

    @Test(.enabled(if: PostgresCluster.isAvailable)) func nobodyIsPaidBeforeSomebodyAgrees() async throws {
        var registry = FlowRegistry()
        try Bill.register(in: &registry)
        let database = try await TestDatabase.make()
        let bench = try await FlowBench(database, tenant: try await database.makeTenant(), registry: registry)
        let flow = try await bench.start("bill", input: ["to": "Ada", "amount": 21])
        let prompt = try await bench.prompt("pay/pay_bill/approve", of: flow.id)
        #expect(prompt.draft.action?["arguments"] == ["to": "Ada", "amount": 21])
        #expect(try await bench.flow(flow.id).state["receipt"] == nil)
        try await bench.decide(prompt, .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["receipt"] == "21 € to Ada")
        await bench.stop()
    }
}
