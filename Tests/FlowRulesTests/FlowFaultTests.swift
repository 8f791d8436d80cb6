import PropertySupport
import Testing

@testable import FlowRules

struct FlowFaultTests {
    private func step(
        _ name: String,
        _ condition: StepCondition? = nil,
        _ labels: [String] = [],
        bounded: Bool = false
    ) -> StepOutline {
        StepOutline(name: name, condition: condition, labels: labels, isBounded: bounded)
    }

    private let a = StepCondition.step("a")

    @Test func aFlowThatFitsTogetherHasNoFault() {
        let steps = [
            step("a"),
            step("b", .all([a, .any([.label("again"), a])]), bounded: true),
            step("route", .step("b"), ["again", "x"]),
            step("x", .label("x")),
        ]
        #expect(FlowFault.all(in: steps) == [])
    }

    @Test func allThatIsWrongIsSaidAtOnce() {
        let longest = String(repeating: "ü", count: 50)
        #expect(
            FlowFault.all(in: [
                step("a"), step(""), step("a", .step("q")), step("a/b"), step("a"), step(longest), step(longest + "a"),
                step("\u{1F}"),
            ])
                == [
                    .invalidName(step: 1), .duplicateStep(step: 2, first: 0), .invalidName(step: 3),
                    .duplicateStep(step: 4, first: 0), .invalidName(step: 6), .invalidName(step: 7),
                ]
        )
        #expect(
            FlowFault.all(in: [
                step("a", nil, ["lost"]), step("b", .all([.step("q"), .label("r")])), step("c", .label("a")),
            ]) == [
                .unknownStep(listener: 1, step: "q"), .undeclaredLabel(listener: 1, label: "r"),
                .undeclaredLabel(listener: 2, label: "a"), .unheardLabel(router: 0, label: "lost"),
            ]
        )
    }

    @Test func whatFollowsFromAnotherFaultIsLeftOut() {
        #expect(FlowFault.all(in: []) == [.noStart])
        #expect(FlowFault.all(in: [step("b", .step("b"))]) == [.noStart])
        #expect(FlowFault.all(in: [step("a"), step("b", .any([.step("q"), .step("b")]))]).count == 1)
    }

    @Test func aStepNeverRunsWhoseConditionCannotBeMet() {
        let stuck: [StepCondition] = [
            .step("b"), .all([]), .any([]), .all([a, .label("x")]), .any([.all([a, .step("b")])]),
        ]
        for condition in stuck {
            let steps = [step("a"), step("b", condition, ["x"]), step("c", .any([.label("x"), a]))]
            #expect(FlowFault.all(in: steps) == [.neverRuns(step: 1)], "\(condition)")
        }
    }

    @Test func aCircleIsGivenFromItsFirstStepOn() {
        let steps = [
            step("a"), step("b", .any([a, .label("again")])), step("route", .step("b"), ["again", "on"]),
            step("end", .label("on")),
        ]
        #expect(FlowFault.all(in: steps) == [.unboundedCycle([1, 2])])
        for place in 1...2 {
            var bounded = steps
            let old = steps[place]
            bounded[place] = step(old.name, old.condition, old.labels, bounded: true)
            #expect(FlowFault.all(in: bounded) == [])
        }
    }

    /// Against taking away, again and again, the steps that nothing unbounded follows (Kahn's algorithm).
    @Test(arguments: 0..<2_000 as Range<UInt64>) func aCircleIsFoundWhereThereIsOne(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let names = (0..<Int.random(in: 1...7, using: &random)).map(String.init)
        let steps = names.map { name in
            let heard = names.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
            let parts = heard.map { Bool.random(using: &random) ? StepCondition.step($0) : .label($0) }
            return step(name, .any(parts), [name], bounded: Int.random(in: 0..<4, using: &random) == 0)
        }
        func follows(_ step: StepOutline, _ other: StepOutline) -> Bool {
            step.condition.map { $0.steps.contains(other.name) || $0.labels.contains(other.name) } ?? false
        }
        var rest = steps.filter { !$0.isBounded }
        while let last = rest.firstIndex(where: { step in !rest.contains { follows($0, step) } }) {
            rest.remove(at: last)
        }

        let cycle = FlowWays(steps).unboundedCycle.map { $0.map { steps[$0] } }
        #expect((cycle != nil) == !rest.isEmpty, "\(steps)")
        for (index, step) in (cycle ?? []).enumerated() {
            #expect(!step.isBounded && cycle.map { follows($0[(index + 1) % $0.count], step) } == true, "\(steps)")
        }
    }
}
