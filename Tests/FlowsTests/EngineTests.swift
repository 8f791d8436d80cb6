import Domain
import FlowSupport
import Flows
import JSON
import Locking
import TestSupport
import Testing

/// Counts what steps really did, as an outside witness would.
private final class Witness: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func saw(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }
    func count(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
}

private struct Tally: Codable, Sendable {
    var log: [String] = []
}

private func question(_ title: String) -> PromptDraft {
    PromptDraft(kind: .confirmation, title: title, message: "", shown: [:], allowed: [.approve, .reject])
}

@Suite(.enabled(if: PostgresCluster.isAvailable)) struct EngineTests {
    private func registry(
        _ build: (FlowBuilder<Tally>) throws -> Void
    ) throws -> FlowRegistry {
        var registry = FlowRegistry()
        try registry.register(FlowDefinition<Tally>("test", initial: { _ in Tally() }, build))
        return registry
    }

    private func bench(_ registry: FlowRegistry) async throws -> FlowBench {
        let database = try await TestDatabase.make()
        return try await FlowBench(database, tenant: try await database.makeTenant(), registry: registry)
    }

    /// Folds the event log from the beginning; the state at its end must be the stored one, at positions without a gap.
    private func expectFoldedLog(_ bench: FlowBench, _ id: FlowID) async throws {
        let events = try await bench.events(id)
        let flow = try await bench.flow(id)
        #expect(events.map(\.seq) == Array(1...flow.seq))
        var state: JSON = [:]
        for event in events {
            switch event.event["type"]?.string {
            case "STATE_SNAPSHOT": state = event.event["snapshot"] ?? .null
            case "STATE_DELTA": state = try JSONPatch(json: event.event["delta"] ?? .null).apply(to: state)
            default: break
            }
            if let digest = event.digest { #expect(digest == state.digest) }
        }
        #expect(state == flow.state)
    }

    @Test func stepsRunInOrderAndLeaveTheirStateAndResults() async throws {
        let bench = try await bench(
            try registry { flow in
                let first = flow.start("first") { context in
                    context.stage { $0.log.append("first") }
                    return 20
                }
                flow.listen("second", to: first) { context, number in
                    context.stage { $0.log.append("second \(number + 1)") }
                    return true
                }
            }
        )
        let flow = try await bench.start("test")
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)
        #expect(done.state == ["log": ["first", "second 21"]])
        #expect(try await bench.steps(flow.id).map(\.status) == [.done, .done])
        try await expectFoldedLog(bench, flow.id)
        await bench.stop()
    }

    @Test func aStepThatThrowsFailsTheFlowAndRetryGoesOnFromIt() async throws {
        let witness = Witness()
        let bench = try await bench(
            try registry { flow in
                let first = flow.start("first") { _ in
                    witness.saw("first")
                    return 1
                }
                flow.listen("second", to: first) { _, _ in
                    witness.saw("second")
                    if witness.count("second") == 1 { throw FlowError.notPossible(status: "a", action: "b") }
                    return 2
                }
            }
        )
        let flow = try await bench.start("test")
        let failed = try await bench.wait(for: .failed, of: flow.id)
        #expect(try await bench.events(flow.id).last?.event["type"] == "RUN_ERROR")
        #expect(failed.status == .failed)
        _ = try await bench.within {
            try await bench.commands.retry(flow.id, by: bench.principal("olga", [.operator]), channel: "test")
        }
        _ = try await bench.wait(for: .succeeded, of: flow.id)
        #expect(witness.count("first") == 1)
        #expect(witness.count("second") == 2)
        try await expectFoldedLog(bench, flow.id)
        await bench.stop()
    }

    @Test(arguments: [["left", "right"], ["right", "left"]])
    func twoPromptsAreIndependentAndTheirJoinSurvivesARestart(_ order: [String]) async throws {
        let witness = Witness()
        let registry = try registry { flow in
            let start = flow.start("start") { _ in
                witness.saw("start")
                return 1
            }
            let left = flow.ask("left", after: start) { _, _ in question("left?") }
            let right = flow.ask("right", after: start) { _, _ in question("right?") }
            flow.listen("after_left", to: left) { _, answer in
                witness.saw("after_left")
                return answer.verb
            }
            flow.listen("after_right", to: right) { _, answer in
                witness.saw("after_right")
                return answer.verb
            }
            flow.listen("join", toBoth: left, right) { context, one, two in
                witness.saw("join")
                context.stage { $0.log = [one.verb, two.verb] }
                return true
            }
        }
        let bench = try await bench(registry)
        let flow = try await bench.start("test")
        _ = try await bench.prompt("left", of: flow.id)
        _ = try await bench.prompt("right", of: flow.id)
        _ = try await bench.wait(for: .waiting, of: flow.id)

        try await bench.decide(try await bench.prompt(order[0], of: flow.id), .approve)
        // The other branch goes on without the one that still waits.
        _ = try await bench.step("after_\(order[0])", isDoneIn: flow.id)
        _ = try await bench.wait(for: .waiting, of: flow.id)
        #expect(witness.count("join") == 0)
        await bench.stop()

        let second = try await FlowBench(bench.database, tenant: bench.tenant, registry: registry)
        try await second.decide(try await second.prompt(order[1], of: flow.id), .reject)
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)
        #expect(done.state["log"] == (order[0] == "left" ? ["approve", "reject"] : ["reject", "approve"]))
        for step in ["start", "after_left", "after_right", "join"] { #expect(witness.count(step) == 1, "\(step)") }
        try await expectFoldedLog(second, flow.id)
        await second.stop()
    }

    @Test func aStepCutOffByAShutdownRunsAgainAndDoneOnesDoNot() async throws {
        let witness = Witness()
        let registry = try registry { flow in
            let first = flow.start("first") { _ in
                witness.saw("first")
                return 1
            }
            flow.listen("second", to: first) { _, _ in
                witness.saw("second")
                if witness.count("second") == 1 {
                    while !Task.isCancelled { await Task.yield() }
                    throw CancellationError()
                }
                return 2
            }
        }
        let bench = try await bench(registry)
        let flow = try await bench.start("test")
        while witness.count("second") == 0 { await Task.yield() }
        await bench.stop()

        let second = try await FlowBench(bench.database, tenant: bench.tenant, registry: registry)
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)
        #expect(witness.count("first") == 1)
        #expect(witness.count("second") == 2)
        let finished = try await second.events(flow.id).filter { $0.event["type"] == "STEP_FINISHED" }
        // Each time it was begun has its end, also the time that was cut off.
        #expect(finished.map { $0.event["stepName"]?.string } == ["first", "second", "second"])
        await second.stop()
    }

    @Test func cancellingRetractsOpenPromptsAndNothingRunsAfterwards() async throws {
        let witness = Witness()
        let bench = try await bench(
            try registry { flow in
                let start = flow.start("start") { _ in 1 }
                let asked = flow.ask("ask", after: start) { _, _ in question("?") }
                flow.listen("after", to: asked) { _, _ in
                    witness.saw("after")
                    return 1
                }
            }
        )
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt("ask", of: flow.id)
        _ = try await bench.within {
            try await bench.commands.cancel(flow.id, by: bench.principal("olga", [.operator]), channel: "test")
        }
        #expect(try await bench.openPrompts(flow.id).isEmpty)
        await #expect(throws: (any Error).self) { try await bench.decide(prompt, .approve) }
        #expect(witness.count("after") == 0)
        #expect(try await bench.flow(flow.id).status == .cancelled)
        await bench.stop()
    }

    @Test func aFlowOfAnUnknownTypeFailsWithAClearEvent() async throws {
        let bench = try await bench(try registry { flow in flow.start("start") { _ in 1 } })
        await #expect(throws: FlowError.unknownType("other")) { try await bench.start("other") }
        await bench.stop()
        let flow = try await bench.start("test")
        let second = try await FlowBench(bench.database, tenant: bench.tenant, registry: FlowRegistry())
        _ = try await second.wait(for: .failed, of: flow.id)
        #expect(try await second.events(flow.id).last?.event["message"] == "flow type test is not registered")
        await second.stop()
    }
}
