import Agents
import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// Who is asked before a call, and what their answer does.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct ApprovalTests {
    /// A flow that pays and says what came of it.
    private func bench(_ witness: Witness, amount: Int = 500) async throws -> FlowBench {
        try await FlowBench.of { context in
            do {
                return try await context.call(
                    Transfer(witness),
                    .init(to: "eve", amount: amount),
                    as: Bookkeeper.self
                )
            } catch let refusal as ToolRefused { return "\(refusal)" }
        }
    }

    private func prompt(_ bench: FlowBench) async throws -> (Flow, Prompt) {
        let flow = try await bench.start("test")
        return (flow, try await bench.prompt("pay/transfer/approve", of: flow.id))
    }

    @Test func whoeverIsAskedSeesWhatWouldBeDone() async throws {
        let witness = Witness()
        let bench = try await bench(witness)
        let (_, prompt) = try await prompt(bench)
        #expect(prompt.draft.kind == .toolCall)
        #expect(prompt.draft.allowed == [.approve, .edit, .reject, .respond])
        #expect(prompt.draft.shown == ["agent": "bookkeeper"] && prompt.draft.message == Transfer.summary)
        #expect(prompt.draft.action?["arguments"] == ["to": "eve", "amount": 500])
        #expect(prompt.draft.action?["tool"] == "transfer" && prompt.draft.action?["risk"] == "high")
        #expect(prompt.draft.action?["arguments_schema"] == Transfer.schema)
        #expect(witness.all.isEmpty)
        await bench.stop()
    }

    @Test func whatIsApprovedIsDoneWithThePromptAsItsKey() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { context in
            let tool = Transfer { _, call in
                witness.saw(call.key.text)
                return "paid"
            }
            return try await context.call(tool, .init(to: "eve", amount: 500), as: Bookkeeper.self)
        }
        let (flow, prompt) = try await prompt(bench)
        try await bench.decide(prompt, .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["paid"] && witness.all == [prompt.id.text])
        #expect(try await bench.calls(flow.id).map(\.result) == ["paid"])
        await bench.stop()
    }

    @Test func anEditReplacesTheArgumentsAndAllThreeStayReadable() async throws {
        let witness = Witness()
        let bench = try await bench(witness)
        let (flow, prompt) = try await prompt(bench)
        try await bench.decide(prompt, .edit, arguments: ["to": "bob", "amount": 20])
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["paid bob"] && witness.all == ["20 to bob"])
        let decided = try await bench.within { try await bench.approvals.find(prompt.id, for: bench.principal()) }
        #expect(decided.draft.action?["arguments"] == ["to": "eve", "amount": 500])
        #expect(decided.outcome?.arguments == ["to": "bob", "amount": 20])
        #expect(decided.outcome?.execution == .succeeded)
        let result = try await bench.effects(flow.id).first { $0.name == "transfer/result" }?.result
        #expect(result?["arguments"] == ["to": "bob", "amount": 20])
        await bench.stop()
    }

    @Test(
        arguments: [
            ["to": "bob"], ["to": "bob", "amount": 0], ["to": "bob", "amount": 1, "more": 2], "bob", .null,
        ] as [JSON]
    )
    func anEditThatBreaksTheSchemaIsRefusedAndThePromptStaysOpen(_ arguments: JSON) async throws {
        let witness = Witness()
        let bench = try await bench(witness)
        let (flow, prompt) = try await prompt(bench)
        await #expect(throws: ApprovalError.self) { try await bench.decide(prompt, .edit, arguments: arguments) }
        #expect(try await bench.openPrompts(flow.id) == [prompt] && witness.all.isEmpty)
        try await bench.decide(prompt, .approve)
        _ = try await bench.wait(for: .succeeded, of: flow.id)
        #expect(witness.all == ["500 to eve"])
        await bench.stop()
    }

    @Test func theStepLearnsWhoRefusedAndWhyAndGoesOn() async throws {
        let witness = Witness()
        let bench = try await bench(witness)
        let (flow, prompt) = try await prompt(bench)
        try await bench.decide(prompt, .reject, reason: "We do not know Eve.")
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["rita refused the call of transfer: We do not know Eve."])
        #expect(witness.all.isEmpty)
        #expect(try await bench.calls(flow.id).map(\.code) == ["rejected"])
        await bench.stop()
    }

    @Test func whoRespondsAnswersInPlaceOfTheTool() async throws {
        let witness = Witness()
        let bench = try await bench(witness)
        let (flow, prompt) = try await prompt(bench)
        await #expect(throws: ApprovalError.self) { try await bench.decide(prompt, .respond, response: "") }
        try await bench.decide(prompt, .respond, response: "I paid in cash.")
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["I paid in cash."] && witness.all.isEmpty)
        #expect(try await bench.calls(flow.id).map(\.result) == ["I paid in cash."])
        await bench.stop()
    }

    @Test func theRiskOfTheArgumentsSaysWhetherPeopleAreAsked() async throws {
        let witness = Witness()
        let bench = try await bench(witness, amount: 99)
        let done = try await bench.run()
        #expect(done.state["log"] == ["paid eve"] && witness.all == ["99 to eve"])
        await bench.stop()
    }

    @Test func theStricterPolicyIsTheGreater() {
        let policies: [ApprovalPolicy] = [
            .never, .from(.critical), .from(.high), .from(.medium), .from(.low), .always,
        ]
        #expect(policies.shuffled().sorted() == policies)
        // How many of low, medium, high and critical are asked about.
        let asked = policies.map { policy in Risk.allCases.count { policy.asks(at: $0) } }
        #expect(asked == [0, 1, 2, 3, 4, 4])
        #expect(ApprovalPolicy.from(.high).asks(at: .high) && !ApprovalPolicy.from(.high).asks(at: .medium))
    }
}
