import Approvals
import Domain
import FlowSupport
import FlowTypes
import JSON
import TestSupport
import Testing

@testable import Flows

/// Flows that are Swift types.
struct MacroTests {
    private func same<State>(_ one: FlowDefinition<State>, _ other: FlowDefinition<State>) {
        let (one, other) = (one.erased, other.erased)
        #expect(one.name == other.name)
        #expect(one.version == other.version)
        #expect(one.onFailure == other.onFailure)
        #expect(one.plan.graph == other.plan.graph)
        #expect(one.plan.nodes.map(\.condition) == other.plan.nodes.map(\.condition))
        #expect(one.plan.nodes.map(\.policy) == other.plan.nodes.map(\.policy))
        #expect(one.plan.nodes.map(\.labels) == other.plan.nodes.map(\.labels))
    }

    @Test func theMacroMakesWhatTheBuilderDoes() throws {
        same(try Expenses.definition(), try Expenses.built())
        same(try Joins.definition(), try Joins.built())
    }

    @Test func theTypesAreFoundWithoutAList() throws {
        var registry = FlowRegistry()
        try registry.registerLinked()
        #expect(["drafts", "expenses", "joins", "strict"].allSatisfy(registry.names.contains))
        #expect(registry.type("expenses")?.version == 3)
    }

    @Test func aFlowThatCannotBeMadeIsNotRegistered() throws {
        #expect(throws: Broken.self) { try Strict.$isReady.withValue(false) { try Strict.definition() } }
        #expect(try Strict.definition().erased.version == 2)
    }

    @Test func theStateBeginsAsTheInputSays() throws {
        #expect(try Expenses.initial(nil).amount == 0)
        #expect(try Expenses.initial(nil).outcome == "open")
        #expect(try Expenses.initial(["amount": 7.5, "note": "taxi"]).amount == 7.5)
        #expect(try Expenses.initial(["amount": 7.5, "note": .null]).note == nil)
        #expect(try Drafts.initial(["wanted": 1, "drafts": [1, 2]]).drafts == [1, 2])
        #expect(try Strict.initial("x").log == ["x"])
    }

    @Test(
        arguments: [
            ([1, 2], "/input", "must be an object"),
            ("x", "/input", "must be an object"),
            (["amount": "7"], "/input/amount", "is not valid: Double is needed, found a string."),
            (["amount": .null], "/input/amount", "is not valid: Double is needed, found null."),
            (["a/b~": 1], "/input/a~1b~0", "is not known here"),
        ] as [(JSON, String, String)]
    )
    func anInputThatDoesNotFitIsRefusedByName(_ input: JSON, _ pointer: String, _ message: String) {
        #expect(throws: FlowError.invalidInput(pointer: pointer, message: message)) { try Expenses.initial(input) }
    }

    @Test func whatHasNoDefaultIsRequired() {
        #expect(throws: FlowError.invalidInput(pointer: "/input/drafts", message: "is required")) {
            try Drafts.initial(["wanted": 1])
        }
        #expect(throws: FlowError.invalidInput(pointer: "/input/wanted", message: "is required")) {
            try Drafts.initial(nil)
        }
        let deep = "is not valid: Int is needed, found a boolean."
        #expect(throws: FlowError.invalidInput(pointer: "/input/drafts/1", message: deep)) {
            try Drafts.initial(["wanted": 1, "drafts": [1, true]])
        }
    }
}

/// The same on the engine.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct MacroRunTests {
    @Test(arguments: [true, false], [Verb.approve, .reject])
    func aFlowWithAQuestion(isMacro: Bool, _ verb: Verb) async throws {
        var registry = FlowRegistry()
        try registry.register(isMacro ? Expenses.definition() : Expenses.built())
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("expenses", input: ["amount": 21])
        let prompt = try await bench.prompt("confirm", of: flow.id)
        #expect(prompt.draft.title == "Pay 42.0?")
        try await bench.decide(prompt, verb)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)
        #expect(done.state == ["amount": 21, "outcome": verb == .approve ? "paid" : "refused"])
        let results = Dictionary(uniqueKeysWithValues: try await bench.steps(flow.id).map { ($0.name, $0.result) })
        #expect(results[verb == .approve ? "pay" : "say no"] == (verb == .approve ? "42.0" : true))
        try await bench.expectWholeLog(flow.id)
        await bench.stop()
    }

    @Test(arguments: [true, false])
    func nestedConditionsAndARace(isMacro: Bool) async throws {
        var registry = FlowRegistry()
        try registry.register(isMacro ? Joins.definition() : Joins.built())
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("joins")
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.status == .succeeded)
        let log = Set(done.state["log"]?.array?.compactMap(\.string) ?? [])
        #expect(log == ["either x", "nested 1x"] || log == ["either 1x", "nested 1x"])
        #expect(try await bench.step("slow", is: .skipped, in: flow.id).status == .skipped)
        #expect(try await bench.step("first", in: flow.id).result == 1)
        await bench.stop()
    }

    @Test func aCircleGoesRoundAsOftenAsItShould() async throws {
        var registry = FlowRegistry()
        try Drafts.register(in: &registry)
        let bench = try await FlowBench.of(registry)
        let three = try await bench.start("drafts", input: ["wanted": 3, "drafts": []])
        #expect(try await bench.wait(for: .succeeded, .failed, of: three.id).state["drafts"] == [1, 2, 3])
        let many = try await bench.start("drafts", input: ["wanted": 9, "drafts": []])
        let failed = try await bench.wait(for: .succeeded, .failed, of: many.id)
        #expect(failed.status == .failed)
        #expect(failed.state["drafts"] == [1, 2, 3, 4, 5])
        await bench.stop()
    }

    @Test func anInputThatDoesNotFitBeginsNothing() async throws {
        var registry = FlowRegistry()
        try Expenses.register(in: &registry)
        let bench = try await FlowBench.of(registry)
        let refusal = FlowError.invalidInput(pointer: "/input/amoumt", message: "is not known here")
        await #expect(throws: refusal) { try await bench.start("expenses", input: ["amoumt": 1]) }
        await bench.stop()
    }

    @Test func anAnswerThatTheFlowCannotUseLeavesTheQuestionOpen() async throws {
        var registry = FlowRegistry()
        try Expenses.register(in: &registry)
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("expenses")
        let prompt = try await bench.prompt("confirm", of: flow.id)
        await #expect(throws: ApprovalError.self) { try await bench.decide(prompt, .reject, reason: "no") }
        #expect(try await bench.openPrompts(flow.id).map(\.id) == [prompt.id])
        try await bench.decide(prompt, .reject, reason: "not this year")
        #expect(try await bench.wait(for: .succeeded, .failed, of: flow.id).state["outcome"] == "refused")
        await bench.stop()
    }
}
