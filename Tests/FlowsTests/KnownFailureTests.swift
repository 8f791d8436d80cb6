import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// What was reproduced with CrewAI 1.15's flows and LangGraph 1.2, and must not happen here.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct KnownFailureTests {
    /// CrewAI: questions have no identity, so what was said of the first draft was taken for the second.
    @Test func aLateAnswerToTheFirstDraftIsNotTakenForTheSecond() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            let begun = flow.start("begin") { _ in true }
            let draft = flow.listen(
                "draft",
                when: .done(begun) || .label("again"),
                policy: StepPolicy(rounds: 3)
            ) { context in context.round }
            let asked = flow.ask("review", after: draft) { _, number in question("Draft \(number)?") }
            flow.router("decide", after: asked, labels: ["again", "good"]) { _, answer in
                answer.verb == "approve" ? "good" : "again"
            }
            flow.listen("publish", on: "good") { context in
                witness.saw("draft \(try context.result(of: draft))")
                return true
            }
        }
        let flow = try await bench.start("test")
        let first = try await bench.prompt("review", of: flow.id)
        try await bench.decide(first, .reject, by: bench.principal("rita"))
        let second = try await bench.prompt("review", of: flow.id)
        #expect(second.id != first.id && second.draft.title == "Draft 2?")
        await #expect(throws: ApprovalError.self) {
            try await bench.decide(first, .approve, by: bench.principal("late"))
        }
        #expect(try await bench.openPrompts(flow.id) == [second])
        #expect(witness.all.isEmpty)
        try await bench.decide(second, .approve)
        _ = try await bench.wait(for: .succeeded, of: flow.id)
        #expect(witness.all == ["draft 2"])
        await bench.stop()
    }

    /// LangGraph: of two that resumed a thread at once, one executed the approval and the other the rejection.
    @Test func ofApprovalAndRejectionAtOnceOnlyOneIsCarriedOut() async throws {
        let witness = Witness()
        let registry = try registry { flow in
            let begun = flow.start("begin") { _ in true }
            let asked = flow.ask("ask", after: begun) { _, _ in question("Go?") }
            flow.router("decide", after: asked, labels: ["go", "stop"]) { _, answer in
                answer.verb == "approve" ? "go" : "stop"
            }
            flow.listen("act", on: "go") { _ in witness.hasSeen("approve") }
            flow.listen("refuse", on: "stop") { _ in witness.hasSeen("reject") }
        }
        let one = try await FlowBench.of(registry)
        let two = try await one.another(registry)
        for _ in 0..<5 {
            let flow = try await one.start("test")
            let prompt = try await one.prompt("ask", of: flow.id)
            let winners = await withTaskGroup(of: Verb?.self) { group in
                for number in 0..<40 {
                    let bench = number.isMultiple(of: 2) ? one : two
                    let verb: Verb = (number / 2).isMultiple(of: 2) ? .approve : .reject
                    group.addTask {
                        do {
                            try await bench.decide(prompt, verb, by: bench.principal("user \(number)"))
                            return verb
                        } catch {
                            return nil
                        }
                    }
                }
                return await group.reduce(into: [Verb]()) { if let winner = $1 { $0.append(winner) } }
            }
            let before = witness.all.count
            let done = try await one.wait(for: .succeeded, .failed, of: flow.id)
            #expect(done.status == .succeeded && winners.count == 1)
            #expect(witness.all.count <= before + 1)
            #expect(witness.all.last == winners.first?.rawValue)
            try await one.expectWholeLog(flow.id)
        }
        #expect(witness.all.count == 5)
        await one.stop()
        await two.stop()
    }

    /// CrewAI: where one branch waited for a person, its sibling never ran, and what waited for both never began.
    @Test func theSiblingOfAWaitingBranchRunsAndTheirJoinBegins() async throws {
        let witness = Witness()
        let registry = try registry { flow in
            let begun = flow.start("begin") { _ in true }
            let asked = flow.ask("ask", after: begun) { _, _ in question("Go?") }
            let sibling = flow.listen("sibling", to: begun) { _, _ in witness.hasSeen("sibling") }
            flow.listen("join", toBoth: asked, sibling) { _, _, _ in witness.hasSeen("join") }
        }
        let first = try await FlowBench.of(registry)
        let flow = try await first.start("test")
        let prompt = try await first.prompt("ask", of: flow.id)
        try await first.step("sibling", in: flow.id)
        await first.stop()
        let second = try await first.another(registry)
        try await second.decide(prompt, .approve)
        _ = try await second.wait(for: .succeeded, of: flow.id)
        #expect(witness.all == ["sibling", "join"])
        await second.stop()
    }

    /// CrewAI: an empty answer was taken for the first outcome, which was the approval.
    @Test func whatIsNoAnswerIsNoApproval() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            let begun = flow.start("begin") { _ in true }
            let asked = flow.ask("ask", after: begun) { _, _ in
                PromptDraft(
                    kind: .confirmation,
                    title: "Which?",
                    message: "",
                    shown: ["proposal": ["which": "this"]],
                    responseSchema: [
                        "type": "object", "required": ["which"], "additionalProperties": false,
                        "properties": ["which": ["enum": ["this", "that"]]],
                    ],
                    allowed: [.approve, .edit]
                )
            }
            flow.listen("act", to: asked) { _, answer in witness.hasSeen(answer.verb) }
        }
        let flow = try await bench.start("test")
        let prompt = try await bench.prompt("ask", of: flow.id)
        let answers: [(Verb, JSON?)] = [
            (.edit, nil), (.edit, ""), (.edit, [:]), (.edit, ["which": ""]), (.edit, ["which": "neither"]),
            (.respond, ""), (.ignore, nil), (.reject, nil), (.approve, ""),
        ]
        for (verb, response) in answers {
            await #expect(throws: ApprovalError.self) { try await bench.decide(prompt, verb, response: response) }
        }
        #expect(try await bench.openPrompts(flow.id) == [prompt])
        #expect(witness.all.isEmpty)
        try await bench.decide(prompt, .edit, response: ["which": "that"])
        _ = try await bench.wait(for: .succeeded, of: flow.id)
        #expect(witness.all == ["edit"])
        await bench.stop()
    }

    /// CrewAI: after a restart, `@persist` began the method again that had charged already.
    @Test func aRestartDoesNotChargeTwice() async throws {
        let (witness, gate) = (Witness(), Gate())
        let registry = try registry { flow in
            let charged = flow.start("charge") { context in
                try await context.run("card") { _ in witness.saw("charged") }
                if witness.count("receipt") == 0 {
                    witness.saw("receipt")
                    await gate.pass()
                }
                return "receipt"
            }
            flow.listen("thank", to: charged) { _, _ in witness.hasSeen("thanked") }
        }
        let first = try await FlowBench.of(registry)
        let flow = try await first.start("test")
        await gate.somebodyCame()
        async let end: Void = first.stop()
        let second = try await first.another(registry)
        _ = try await second.wait(for: .succeeded, of: flow.id)
        gate.open()
        await end
        #expect(witness.all == ["charged", "receipt", "thanked"])
        await second.stop()
    }

    /// CrewAI: a label nobody listens to ended the flow as if all had been done.
    @Test func aLabelNobodyListensToIsAnErrorBeforeAnythingRuns() {
        #expect(throws: FlowDefinitionError.unheardLabel(router: "choose", label: "urgent")) {
            try registry { flow in
                let begun = flow.start("begin") { _ in true }
                flow.router("choose", after: begun, labels: ["urgent", "normal"]) { _, _ in "urgent" }
                flow.listen("go", on: "normal") { _ in true }
            }
        }
    }

    /// CrewAI: methods and labels share their names, so that a method named like a label was heard as one.
    @Test func aStepNamedLikeALabelIsNotHeardAsOne() async throws {
        let witness = Witness()
        let bench = try await FlowBench.of { flow in
            let ready = flow.start("ready") { _ in true }
            flow.router("choose", after: ready, labels: ["ready", "failed"]) { _, _ in "failed" }
            flow.listen("on label", on: "ready") { _ in witness.hasSeen("label") }
            flow.listen("on step", to: ready) { _, _ in witness.hasSeen("step") }
            flow.listen("on failure", on: "failed") { _ in witness.hasSeen("failed") }
        }
        let done = try await bench.run()
        #expect(done.status == .succeeded)
        #expect(witness.all.sorted() == ["failed", "step"])
        await bench.stop()
    }

    /// CrewAI: `or_` cancelled the slower one; and of several routers after one step only the first was heard.
    @Test func orLeavesTheSlowerBranchAndAllRoutersAreHeard() async throws {
        let (witness, gate) = (Witness(), Gate())
        let bench = try await FlowBench.of { flow in
            let begun = flow.start("begin") { _ in true }
            let fast = flow.listen("fast", to: begun) { _, _ in "fast" }
            let slow = flow.listen("slow", to: begun) { _, _ in
                await gate.pass()
                return "slow"
            }
            flow.listen("either", toAny: [fast, slow]) { _, which in
                gate.open()
                return witness.hasSeen("either \(which)")
            }
            flow.listen("after slow", to: slow) { _, _ in witness.hasSeen("after slow") }
            flow.router("one", after: begun, labels: ["left"]) { _, _ in "left" }
            flow.router("two", after: begun, labels: ["right"]) { _, _ in "right" }
            flow.listen("on left", on: "left") { _ in witness.hasSeen("left") }
            flow.listen("on right", on: "right") { _ in witness.hasSeen("right") }
        }
        let done = try await bench.run()
        #expect(done.status == .succeeded)
        #expect(witness.all.sorted() == ["after slow", "either fast", "left", "right"])
        await bench.stop()
    }
}

extension Witness {
    /// Sees something, and says so: the result of a step that has no other.
    fileprivate func hasSeen(_ name: String) -> Bool {
        saw(name)
        return true
    }
}
