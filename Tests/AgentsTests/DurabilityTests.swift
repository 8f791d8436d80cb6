import Agents
import Domain
import FlowSupport
import Flows
import JSON
import Postgres
import TestSupport
import Testing

/// What a call comes to is the same through failures, restarts and tampering.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct DurabilityTests {
    private let step = "pay/transfer/approve"

    @Test func theApprovedCallIsTriedAgainUnderTheSameApproval() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of(policy: soon) { context in
            let shaky = Transfer { _, call in
                witness.saw(call.key.text)
                if witness.all.count < 3 { throw Hiccup() }
                return "paid"
            }
            return try await context.call(shaky, .init(to: "eve", amount: 500), as: Bookkeeper.self)
        }
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt(step, of: flow.id)
        try await bench.decide(prompt, .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["paid"])
        #expect(witness.all == Array(repeating: prompt.id.text, count: 3))
        let opened = try await bench.events(flow.id).count { $0.event["name"] == "signalbox.prompt.opened" }
        #expect(opened == 1)
        #expect(try await bench.calls(flow.id).map(\.code) == ["failed", "failed", nil])
        await bench.stop()
    }

    @Test func whatWasToldIsNotToldAgainWhenTheBodyIsRunAgain() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of(policy: soon) { context in
            for amount in [5, 6] {
                try await context.call(Transfer(witness), .init(to: "eve", amount: amount), as: Bookkeeper.self)
            }
            try await context.sleep(for: .milliseconds(1))
            let said = try await context.call(Transfer(witness), .init(to: "bob", amount: 500), as: Bookkeeper.self)
            if context.attempt < 3 { throw Hiccup() }
            return said
        }
        let flow = try await bench.start("test")
        try await bench.decide(try await bench.prompt("pay/transfer#3/approve", of: flow.id), .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["paid bob"])
        #expect(witness.all == ["5 to eve", "6 to eve", "500 to bob"])
        #expect(try await bench.calls(flow.id).map(\.result) == ["paid eve", "paid eve", "paid bob"])
        await bench.stop()
    }

    @Test func aFailureThatTheBodyCaughtStaysOneWhileTheAttemptGoesOn() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { context in
            let shaky = Transfer { _, _ in
                witness.saw("call")
                throw Hiccup()
            }
            var said = "nothing"
            do { said = try await context.call(shaky, .init(to: "eve", amount: 5), as: Bookkeeper.self) } catch let
                failure as ToolFailed
            { said = failure.description }
            // The body is run again after this.
            try await context.sleep(for: .milliseconds(20))
            return said
        }
        let done = try await bench.run()
        #expect(done.state["log"] == ["transfer failed: the line is busy"] && witness.all == ["call"])
        #expect(try await bench.calls(done.id).map(\.code) == ["failed"])
        await bench.stop()
    }

    @Test func afterACrashBetweenTheEffectAndItsCommitTheKeyIsTheSame() async throws {
        let witness = Witness()
        let body: FlowBench.Body = { context in
            let tool = Transfer { _, call in
                witness.saw(call.key.text)
                // The process ends before the effect is known to the database.
                if witness.all.count == 1 { try await Task.sleep(for: .seconds(3600)) }
                return "paid"
            }
            return try await context.call(tool, .init(to: "eve", amount: 500), as: Bookkeeper.self)
        }
        let bench = try await FlowBench.of(body)
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt(step, of: flow.id)
        try await bench.decide(prompt, .approve)
        _ = try await bench.eventually(in: flow.id) { witness.all.isEmpty ? nil : true }
        await bench.stop()
        let second = try await FlowBench(
            bench.database,
            tenant: bench.tenant,
            registry: FlowBench.registry(body)
        )
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["paid"] && witness.all == [prompt.id.text, prompt.id.text])
        #expect(try await second.calls(flow.id).map(\.result) == ["paid"])
        await second.stop()
    }

    /// What is altered between the decision and its execution, and a word of the error.
    @Test(arguments: [
        (
            """
            UPDATE signalbox.flow_effects
            SET result = jsonb_set(result::jsonb, '{arguments,to}', '"mallory"')::json WHERE kind = 'ask'
            """,
            "the journal has other arguments"
        ),
        (
            "UPDATE signalbox.flow_effects SET result = replace(result::text, 'approve', 'edit')::json WHERE kind = 'ask'",
            "was not decided in this way"
        ),
        (
            """
            UPDATE signalbox.prompts
            SET action = jsonb_set(action::jsonb, '{arguments,to}', '"mallory"')::json
            """,
            "not the one that was shown"
        ),
    ])
    func whatWasNotDecidedIsNotExecuted(_ sql: String, _ reason: String) async throws {
        let witness = Witness()
        let body: FlowBench.Body = {
            try await $0.call(Transfer(witness), .init(to: "eve", amount: 500), as: Bookkeeper.self)
        }
        let (done, second) = try await alteredRun(body, body) { database in
            try await database.owner.withConnection { session in
                let rows = try await session.query(sql + " RETURNING 1 AS one")
                #expect(rows.count == 1)
            }
        }
        #expect(done.status == .failed && witness.all.isEmpty)
        let error = try #require(try await second.steps(done.id).first?.error)
        #expect(error.contains("args_mismatch") && error.contains(reason), "\(error)")
        #expect(try await second.calls(done.id).map(\.code) == ["args_mismatch"])
        await second.stop()
    }

    @Test func anApprovalDoesNotHoldForOtherArguments() async throws {
        let witness = Witness()
        let (done, second) = try await alteredRun(
            { try await $0.call(Transfer(witness), .init(to: "eve", amount: 500), as: Bookkeeper.self) },
            { try await $0.call(Transfer(witness), .init(to: "mallory", amount: 500), as: Bookkeeper.self) }
        ) { _ in }
        #expect(done.status == .failed && witness.all.isEmpty)
        #expect(try await second.calls(done.id).map(\.code) == ["args_mismatch"])
        await second.stop()
    }

    /// Approves the call while no engine runs, alters something, and goes on with another body.
    private func alteredRun(
        _ first: @escaping FlowBench.Body,
        _ then: @escaping FlowBench.Body,
        _ alter: (TestDatabase) async throws -> Void
    ) async throws -> (Flow, FlowBench) {
        let bench = try await FlowBench.of(policy: soon, first)
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt(step, of: flow.id)
        _ = try await bench.wait(for: .waiting, of: flow.id)
        await bench.stop()
        try await bench.decide(prompt, .approve)
        try await alter(bench.database)
        let second = try await FlowBench(
            bench.database,
            tenant: bench.tenant,
            registry: FlowBench.registry(policy: soon, then)
        )
        return (try await second.wait(for: .succeeded, .failed, of: flow.id), second)
    }
}
