import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import TestSupport
import Testing

/// Loops, races, versions, and flows that begin where another one was.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct RuleTests {
    /// A draft is reviewed until it is accepted; each time it is written down, beside the loop.
    private func reviewing(_ witness: Witness, rounds: Int) throws -> FlowRegistry {
        try registry { flow in
            flow.start("begin") { _ in 1 }
            let draft = flow.listen(
                "draft",
                when: .any([.step("begin"), .label("again")]),
                policy: StepPolicy(rounds: rounds)
            ) { context in
                witness.saw("draft \(context.round)")
                return context.round
            }
            flow.listen("note", to: draft) { context, round in
                context.stage { $0.log.append("note \(round)") }
                return true
            }
            let review = flow.ask("review", after: draft) { _, round in question("Draft \(round)?") }
            flow.router("decide", after: review, labels: ["again", "done"]) { _, answer in
                answer.verb == "approve" ? "done" : "again"
            }
            flow.listen("end", on: "done") { context in
                let round = try context.result(of: draft)
                context.stage { $0.log.append("end \(round)") }
                return true
            }
        }
    }

    @Test func aFlowGoesBackAsOftenAsPeopleWant() async throws {
        let witness = Witness()
        let registry = try reviewing(witness, rounds: 5)
        var bench = try await FlowBench.of(registry)
        let flow = try await bench.start("test")
        for (round, verb) in [Verb.reject, .reject, .approve].enumerated() {
            let prompt = try await bench.eventually(in: flow.id) {
                try await bench.openPrompts(flow.id).first { $0.draft.title == "Draft \(round + 1)?" }
            }
            // Another process each time.
            await bench.stop()
            bench = try await bench.another(registry)
            try await bench.decide(prompt, verb)
        }
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)
        let log = done.state["log"]?.array?.compactMap(\.string) ?? []
        #expect(log.sorted() == ["end 3", "note 1", "note 2", "note 3"] && log.last == "end 3")
        #expect(witness.all == ["draft 1", "draft 2", "draft 3"])
        #expect(try await bench.steps(flow.id).filter { $0.name == "draft" }.map(\.key.round) == [1, 2, 3])
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test func aLoopEndsAtItsBound() async throws {
        let bench = try await FlowBench.of(try reviewing(Witness(), rounds: 2))
        let flow = try await bench.start("test")
        for round in 1...2 {
            let prompt = try await bench.eventually(in: flow.id) {
                try await bench.openPrompts(flow.id).first { $0.draft.title == "Draft \(round)?" }
            }
            try await bench.decide(prompt, .reject)
        }
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .failed)
        #expect(try await bench.events(flow.id).last?.event["message"] == "step draft was to run more than 2 times")
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test func aRaceHasOneWinnerAndTheOthersAreTakenBack() async throws {
        let bench = try await FlowBench.of { flow in
            let start = flow.start("start") { _ in 1 }
            let left = flow.ask("left", after: start) { _, _ in question("Left?") }
            let right = flow.ask("right", after: start) { _, _ in question("Right?") }
            let first = flow.race("first", between: [left, right]) { _, answer in answer.verb }
            flow.listen("end", to: first) { context, verb in
                context.stage { $0.log = [verb] }
                return true
            }
        }
        let flow = try await bench.start("test")
        let right = try await bench.prompt("right", of: flow.id)
        let left = try await bench.prompt("left", of: flow.id)
        try await bench.decide(right, .reject)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["reject"])
        await #expect(throws: ApprovalError.self) { try await bench.decide(left, .approve) }
        let steps = try await bench.steps(flow.id)
        #expect(steps.first { $0.name == "left" }?.status == .skipped)
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test func aFlowGoesOnUnderTheVersionItBeganUnder() async throws {
        func register(_ version: Int, _ last: String, in registry: inout FlowRegistry) throws {
            try registry.register(
                FlowDefinition<Tally>("test", version: version, initial: { _ in Tally() }) { flow in
                    let ask = flow.ask("ask", after: flow.start("start") { _ in 1 }) { _, _ in question("?") }
                    flow.listen(last, to: ask) { context, _ in
                        context.stage { $0.log = [last] }
                        return true
                    }
                }
            )
        }
        var old = FlowRegistry()
        try register(1, "old_end", in: &old)
        let bench = try await FlowBench.of(old)
        let (first, second) = (try await bench.start("test"), try await bench.start("test"))
        let prompts = [try await bench.prompt("ask", of: first.id), try await bench.prompt("ask", of: second.id)]
        await bench.stop()

        // The steps are others now, under the same number.
        var changed = FlowRegistry()
        try register(1, "new_end", in: &changed)
        let wrong = try await bench.another(changed)
        try await wrong.decide(prompts[0], .approve)
        _ = try await wrong.wait(for: .failed, of: first.id)
        let message = try await wrong.events(first.id).last?.event["message"]?.string
        #expect(message?.contains("without old_end, with new_end") == true)
        await wrong.stop()

        // As the message says: both versions, and the flow that failed is retried.
        var both = old
        try register(2, "new_end", in: &both)
        let right = try await bench.another(both)
        try await right.decide(prompts[1], .approve)
        #expect(try await right.wait(for: .succeeded, .failed, of: second.id).state["log"] == ["old_end"])
        _ = try await right.within {
            try await right.commands.retry(first.id, by: right.principal("olga", [.operator]), channel: "test")
        }
        #expect(try await right.wait(for: .succeeded, .failed, of: first.id).state["log"] == ["old_end"])
        #expect(try await right.start("test").version == 2)
        await right.stop()
    }

    @Test func aForkBeginsWhereTheOtherFlowWas() async throws {
        let witness = Witness()
        let registry = try registry { flow in
            let start = flow.start("start") { context in
                try await context.run("charge") { _ in witness.saw("charge") }
                context.stage { $0.log.append("start") }
                return 1
            }
            let ask = flow.ask("ask", after: start) { _, _ in question("?") }
            flow.listen("end", to: ask) { context, answer in
                context.stage { $0.log.append(answer.verb) }
                return true
            }
        }
        let bench = try await FlowBench.of(registry)
        let olga = bench.principal("olga", [.operator])
        let flow = try await bench.start("test")
        try await bench.decide(try await bench.prompt("ask", of: flow.id), .reject)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["start", "reject"])

        // What was decided is not asked again …
        let asking = try await bench.steps(flow.id).first { $0.name == "ask" }
        let asked = try #require(asking?.doneSeq)
        func fork(at seq: Int64?, asksAgain: Bool) async throws -> FlowID {
            try await bench.within {
                try await bench.commands.fork(
                    flow.id,
                    at: seq,
                    title: nil,
                    asksAgain: asksAgain,
                    by: olga,
                    channel: "test"
                ) { $0.flow.id }
            }
        }
        let same = try await fork(at: asked, asksAgain: false)
        let repeated = try await bench.wait(for: .succeeded, .failed, of: same)
        #expect(repeated.state["log"] == ["start", "reject"])
        #expect(repeated.parent == FlowParent(flow: flow.id, seq: asked))
        try await bench.expectWholeLog(same)
        // … unless that is wanted; and what was done before is not done again.
        let other = try await fork(at: asked, asksAgain: true)
        try await bench.decide(try await bench.prompt("ask", of: other), .approve)
        #expect(
            try await bench.wait(for: .succeeded, .failed, of: other).state["log"] == ["start", "approve"]
        )
        #expect(witness.count("charge") == 1)
        // The first one stays as it is.
        #expect(try await bench.flow(flow.id) == done)
        await #expect(throws: FlowError.self) { try await fork(at: done.seq + 1, asksAgain: false) }
        await bench.stop()
    }

    @Test func aForkFromWithinAStepGoesOnBehindWhatTheStepHasDone() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            flow.start("long") { context in
                try await context.run("one") { _ in witness.saw("one") }
                try await context.run("two") { _ in witness.saw("two") }
                return true
            }
        }
        let flow = try await bench.start("test")
        _ = try await bench.wait(for: .succeeded, of: flow.id)
        let effect = try await bench.effects(flow.id).first { $0.name == "one" }
        let one = try #require(effect?.doneSeq)
        let fork = try await bench.within {
            try await bench.commands.fork(
                flow.id,
                at: one,
                title: nil,
                asksAgain: false,
                by: bench.principal("olga", [.operator]),
                channel: "test"
            ) { $0.flow.id }
        }
        _ = try await bench.wait(for: .succeeded, of: fork)
        #expect(witness.all == ["one", "two", "two"])
        await bench.stop()
    }

    /// Its process is stopped for longer than its lease, and goes on later.
    @Test func whoLostALeaseCommitsNothing() async throws {
        let witness = Witness()
        let release = Gate()
        let build: (FlowBuilder<Tally>) throws -> Void = { flow in
            let work = flow.start("work") { context in
                witness.saw("work \(context.attempt)")
                if context.attempt == 1 { await release.pass() }
                context.stage { $0.log.append("by attempt \(context.attempt)") }
                return context.attempt
            }
            flow.listen("after", to: work) { context, attempt in
                witness.saw("after \(attempt)")
                return true
            }
        }
        var stalled = FlowEngine.Limits()
        (stalled.patience, stalled.interval) = (1, 3600)
        let registry = try registry(build)
        let first = try await FlowBench.of(registry, limits: stalled)
        let flow = try await first.start("test")
        while witness.all.isEmpty { await Task.yield() }
        let second = try await first.another(registry)
        let done = try await second.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state["log"] == ["by attempt 2"])
        release.open()
        // The first one finds out when it wants to commit, and lets the flow go.
        while first.engine.counters.running > 0 { await Task.yield() }
        #expect(try await first.flow(flow.id) == done)
        #expect(witness.all == ["work 1", "work 2", "after 2"])
        try await second.expectWholeLog(flow.id)
        await first.stop()
        await second.stop()
    }
}
