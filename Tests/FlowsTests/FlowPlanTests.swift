import Domain
import JSON
import Testing

@testable import Flows

@Suite struct FlowPlanTests {
    private struct Empty: Codable, Sendable {}

    private func definition(_ build: (FlowBuilder<Empty>) throws -> Void) throws -> FlowPlan {
        try FlowDefinition<Empty>("test", initial: { _ in Empty() }, build).erased.plan
    }

    private func journal(_ entries: (String, StepStatus, JSON?)...) -> [StepRecord] {
        entries.map { name, status, result in
            StepRecord(
                StepKey(name),
                status: status,
                attempt: 1,
                result: result,
                startedAt: Timestamp(microseconds: 0)
            )
        }
    }

    private func ready(_ plan: FlowPlan, _ journal: [StepRecord]) -> [String] { plan.ready(journal).map(\.key.name) }

    @Test func listenersStartWhenTheirStepIsDone() throws {
        let plan = try definition { flow in
            let first = flow.start("first") { _ in 1 }
            let second = flow.listen("second", to: first) { _, number in number + 1 }
            flow.listen("third", to: second) { _, number in number + 1 }
        }
        #expect(ready(plan, []) == ["first"])
        #expect(ready(plan, journal(("first", .done, 1))) == ["second"])
        #expect(ready(plan, journal(("first", .done, 1), ("second", .waiting, nil))) == [])
        #expect(ready(plan, journal(("first", .done, 1), ("second", .done, 2))) == ["third"])
    }

    @Test func anAndJoinWaitsForBothInEitherOrder() throws {
        let plan = try definition { flow in
            let a = flow.start("a") { _ in 1 }
            let b = flow.start("b") { _ in "x" }
            flow.listen("join", toBoth: a, b) { _, number, text in "\(number)\(text)" }
        }
        #expect(ready(plan, []) == ["a", "b"])
        #expect(ready(plan, journal(("a", .done, 1))) == ["b"])
        #expect(ready(plan, journal(("b", .done, "x"))) == ["a"])
        #expect(ready(plan, journal(("b", .done, "x"), ("a", .done, 1))) == ["join"])
    }

    @Test func anOrJoinFiresOnceAndLeavesTheSlowerOneRunning() throws {
        let plan = try definition { flow in
            let a = flow.start("a") { _ in 1 }
            let b = flow.start("b") { _ in 2 }
            flow.listen("either", toAny: [a, b]) { _, number in number }
        }
        #expect(ready(plan, journal(("a", .done, 1))) == ["b", "either"])
        #expect(ready(plan, journal(("a", .done, 1), ("either", .done, 1), ("b", .done, 2))) == [])
    }

    @Test func aRouterOpensOnlyTheWayItNames() throws {
        let plan = try definition { flow in
            let start = flow.start("start") { _ in 1 }
            flow.router("route", after: start, labels: ["left", "right"]) { _, _ in "left" }
            flow.listen("l", on: "left") { _ in 1 }
            flow.listen("r", on: "right") { _ in 1 }
        }
        #expect(ready(plan, journal(("start", .done, 1), ("route", .done, "left"))) == ["l"])
        #expect(ready(plan, journal(("start", .done, 1), ("route", .done, "right"))) == ["r"])
    }

    @Test func aLabelIsNotAStepOfThatName() throws {
        let plan = try definition { flow in
            let start = flow.start("left") { _ in 1 }
            flow.router("route", after: start, labels: ["left"]) { _, _ in "left" }
            flow.listen("on_label", on: "left") { _ in 1 }
        }
        #expect(ready(plan, journal(("left", .done, 1))) == ["route"])
    }

    @Test func mistakesInADefinitionAreErrorsWhenItIsMade() {
        #expect(throws: FlowDefinitionError.noStart) { try definition { _ in } }
        #expect(throws: FlowDefinitionError.duplicateStep("a")) {
            try definition { flow in
                flow.start("a") { _ in 1 }
                flow.start("a") { _ in 1 }
            }
        }
        #expect(throws: FlowDefinitionError.unheardLabel(router: "route", label: "lost")) {
            try definition { flow in
                let start = flow.start("a") { _ in 1 }
                flow.router("route", after: start, labels: ["lost"]) { _, _ in "lost" }
            }
        }
        #expect(throws: FlowDefinitionError.undeclaredListener(listener: "l", label: "never")) {
            try definition { flow in
                flow.start("a") { _ in 1 }
                flow.listen("l", on: "never") { _ in 1 }
            }
        }
    }

    @Test func aStepThatWaitsForLessIsAnotherOne() throws {
        func type(_ condition: (FlowCondition, FlowCondition) -> FlowCondition) throws -> FlowType {
            try FlowDefinition<Tally>("test", initial: { _ in Tally() }) { flow in
                let (one, two) = (flow.start("one") { _ in 1 }, flow.start("two") { _ in 2 })
                flow.listen("end", when: condition(.done(one), .done(two))) { _ in 1 }
            }.erased
        }
        let (both, either) = (try type { $0 && $1 }, try type { $0 || $1 })
        #expect(both.difference(from: either.plan.graph) == "other conditions of end")
        #expect(both.difference(from: both.plan.graph) == nil)
        #expect(both.plan.graph["nodes"]?.array?.last?["when"] == ["all": ["one", "two"]])
    }

    @Test func theGraphHasAllStepsAndEdges() throws {
        let plan = try definition { flow in
            let start = flow.start("start") { _ in 1 }
            flow.router("route", after: start, labels: ["on"]) { _, _ in "on" }
            flow.listen("end", on: "on") { _ in 1 }
        }
        #expect(
            plan.graph == [
                "nodes": [
                    ["id": "start", "kind": "start"], ["id": "route", "kind": "router"],
                    ["id": "end", "kind": "listen"],
                ],
                "edges": [["from": "start", "to": "route"], ["from": "route", "to": "end", "label": "on"]],
            ]
        )
    }
}
