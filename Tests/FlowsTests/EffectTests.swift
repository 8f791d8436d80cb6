import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// What a step does within its body is done once.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct EffectTests {
    private let soon = RetryPolicy(attempts: 3, first: .milliseconds(1), longest: .milliseconds(5))

    @Test func whatWasDoneIsNotDoneAgainWhenTheStepIsTriedAgain() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { [soon] flow in
            flow.start("buy", policy: StepPolicy(retry: soon)) { context in
                let order = try await context.run("order") { key in
                    witness.saw("order \(key)")
                    return 7
                }
                try await context.run("pay") { key in
                    witness.saw("pay \(key)")
                    if context.attempt < 3 { throw Broken() }
                }
                return order
            }
        }
        let done = try await bench.run()
        #expect(done.status == .succeeded)
        let key = "\(done.id)/buy/1"
        #expect(witness.all == ["order \(key)/order"] + Array(repeating: "pay \(key)/pay", count: 3))
        let step = try #require(try await bench.steps(done.id).first)
        #expect(step.attempt == 3 && step.failures == 2 && step.result == 7)
        try await bench.expectWholeLog(done.id)
        await bench.stop()
    }

    @Test func questionsWithinAStepWaitOverARestart() async throws {
        let witness = Witness()
        let registry = try registry { flow in
            flow.start("talk") { context in
                let first = try await context.ask("first", question("First?"))
                try await context.run("act") { _ in witness.saw("act on \(first.verb)") }
                let second = try await context.ask("second", question("Second?"))
                context.stage { $0.log = [first.verb, second.verb] }
                return true
            }
        }
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("test")
        _ = try await bench.wait(for: .waiting, of: flow.id)
        try await bench.decide(try await bench.prompt("talk/first", of: flow.id), .approve)
        _ = try await bench.prompt("talk/second", of: flow.id)
        _ = try await bench.wait(for: .waiting, of: flow.id)
        #expect(bench.engine.counters.running == 0)
        await bench.stop()

        let second = try await bench.another(registry)
        try await second.decide(try await second.prompt("talk/second", of: flow.id), .reject)
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["approve", "reject"])
        #expect(witness.all == ["act on approve"])
        #expect(try await second.steps(flow.id).map(\.attempt) == [1])
        try await second.expectWholeLog(flow.id)
        await second.stop()
    }

    @Test func aWaitIsOverAtItsTimeWhoeverRunsThen() async throws {
        let registry = try registry { flow in
            flow.start("rest") { context in
                try await context.sleep(for: .milliseconds(1500))
                return true
            }
        }
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("test")
        let resting = try await bench.step("rest", is: .suspended, in: flow.id)
        let due = try #require(resting.dueAt)
        await bench.stop()
        let second = try await bench.another(registry)
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded && done.updatedAt >= due)
        try await second.expectWholeLog(flow.id)
        await second.stop()
    }

    /// Waits that are over by the time somebody begins to wait, while the commit before them is under way.
    @Test func waitsThatAreOverBeforeTheyBeginAreNoticed() async throws {
        let bench = try await FlowBench.of { flow in
            flow.start("wait") { context in
                for number in 1...40 { try await context.sleep(for: .microseconds(250 * number)) }
                return true
            }
        }
        var flows: [FlowID] = []
        for _ in 0..<100 { flows.append(try await bench.start("test").id) }
        for flow in flows { _ = try await bench.wait(for: .succeeded, of: flow) }
        await bench.stop()
    }

    @Test func branchesOfAStepWaitAndGoOnEachForItself() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            flow.start("all") { context in
                let verbs = try await context.parallel("ask", ["a", "b", "c"]) { context, name in
                    if name == "c" { return try await context.run("do") { _ in "done" } }
                    let answer = try await context.ask("it", question(name))
                    return try await context.run("after") { _ in
                        witness.saw("\(name) \(answer.verb)")
                        return answer.verb
                    }
                }
                context.stage { $0.log = verbs }
                return true
            }
        }
        let flow = try await bench.start("test")
        _ = try await bench.wait(for: .waiting, of: flow.id)
        let prompts = try await bench.openPrompts(flow.id)
        #expect(prompts.map(\.step).sorted() == ["all/ask[0]/it", "all/ask[1]/it"])
        let second = try #require(prompts.first { $0.step == "all/ask[1]/it" })
        try await bench.decide(second, .reject)
        while witness.all.isEmpty { await Task.yield() }
        #expect(witness.all == ["b reject"])
        try await bench.decide(try await bench.prompt("all/ask[0]/it", of: flow.id), .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["approve", "reject", "done"])
        #expect(witness.all == ["b reject", "a approve"])
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test func whatIsSaidIsSaidOnce() async throws {
        let bench = try await FlowBench.of { [soon] flow in
            flow.start("speak", policy: StepPolicy(retry: soon)) { context in
                try await context.say("Hello.")
                try await context.say("Hello again.")
                try await context.think("Why?")
                try await context.show("plan", ["steps": 3])
                if context.attempt < 3 { throw Broken() }
                return true
            }
        }
        let done = try await bench.run()
        #expect(done.status == .succeeded)
        let events = try await bench.events(done.id).map(\.event)
        let said = events.filter { $0["type"] == "TEXT_MESSAGE_CONTENT" }
        #expect(said.map { $0["delta"] } == ["Hello.", "Hello again."])
        #expect(Set(said.map { $0["messageId"]?.string }).count == 2)
        #expect(events.count { $0["type"] == "REASONING_MESSAGE_CONTENT" } == 1)
        #expect(events.count { $0["type"] == "ACTIVITY_SNAPSHOT" } == 1)
        await bench.stop()
    }

    @Test func whatIsTheEnginesToEmitIsRefused() async throws {
        let bench = try await FlowBench.of { flow in
            flow.start("forge") { context in
                try await context.emit("x", [["type": "RUN_FINISHED", "threadId": "t", "runId": "r"]])
                return true
            }
        }
        let done = try await bench.run()
        #expect(done.status == .failed)
        let step = try #require(try await bench.steps(done.id).first)
        #expect(step.error?.contains("RUN_FINISHED is the engine's to emit") == true)
        await bench.stop()
    }

    @Test func aFlowOfItsOwnIsWaitedForAndItsStateComesBack() async throws {
        var registry = try registry { flow in
            flow.start("delegate") { context in
                let state = try await context.flow("count", type: "child", input: ["to": 3])
                context.stage { $0.log = ["child said \(state["n"]?.text ?? "nothing")"] }
                return true
            }
        }
        struct Count: Codable, Sendable { var n: Int }
        try registry.register(
            FlowDefinition<Count>("child", initial: { _ in Count(n: 0) }) { flow in
                let asked = flow.ask("go", after: flow.start("begin") { _ in 1 }) { _, _ in question("Go?") }
                flow.listen("count", to: asked) { context, _ in
                    context.stage { $0.n = 3 }
                    return true
                }
            }
        )
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("test")
        _ = try await bench.step("delegate", is: .suspended, in: flow.id)
        let effects = try await bench.effects(flow.id)
        let child = try #require(effects.first?.flow)
        #expect(try await bench.flow(child).parent == FlowParent(flow: flow.id, seq: nil))
        try await bench.decide(try await bench.prompt("go", of: child), .approve)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["child said 3"])
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test func aFlowOfItsOwnIsCancelledWithItsParentAndItsFailureIsTold() async throws {
        var registry = try registry { flow in
            flow.start("delegate") { context in
                try await context.flow("it", type: "child", input: context.input)
                return true
            }
        }
        struct Empty: Codable, Sendable {}
        try registry.register(
            FlowDefinition<Empty>("child", initial: { _ in Empty() }) { flow in
                let begun = flow.start("begin") { context in
                    if context.input == "fail" { throw Broken() }
                    return true
                }
                flow.ask("wait", after: begun) { _, _ in question("?") }
            }
        )
        let bench = try await FlowBench.of(registry)
        let failing = try await bench.start("test", input: "fail")
        _ = try await bench.wait(for: .failed, of: failing.id)
        let error = try await bench.steps(failing.id).first?.error
        #expect(error?.contains("which this step started, is failed") == true)

        let flow = try await bench.start("test")
        _ = try await bench.step("delegate", is: .suspended, in: flow.id)
        let effects = try await bench.effects(flow.id)
        let child = try #require(effects.first?.flow)
        _ = try await bench.prompt("wait", of: child)
        _ = try await bench.within {
            try await bench.commands.cancel(flow.id, by: bench.principal("olga", [.operator]), channel: "test")
        }
        #expect(try await bench.flow(child).status == .cancelled)
        #expect(try await bench.openPrompts(child).isEmpty)
        await bench.stop()
    }
}
