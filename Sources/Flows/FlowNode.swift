import Approvals
import Domain
import FlowRules
import JSON

/// A step as the plan and the engine see it.
struct FlowNode: Sendable {
    enum Kind: String, Sendable {
        case start
        case listen
        case router
        case prompt
        case race
    }

    /// What a step's body came to.
    enum Outcome: Sendable {
        case result(JSON)
        case ask(PromptDraft)
    }

    /// Runs the body.
    typealias Run = @Sendable @concurrent (StepServices) async throws -> Outcome
    /// What is wrong with an answer beyond its schema, given the question.
    typealias Check = @Sendable (PromptDraft, PromptAnswer) -> [Violation]

    let name: String
    let kind: Kind
    /// What must have happened before the step runs; nil for a start.
    let condition: FlowCondition?
    let labels: [String]
    let policy: StepPolicy
    let run: Run
    /// For a prompt step: refuses answers its listeners could not use, before they are accepted.
    let check: Check?

    /// As the rules see it.
    var outline: StepOutline {
        StepOutline(name: name, condition: condition?.outline, labels: labels, isBounded: policy.rounds != nil)
    }
}
