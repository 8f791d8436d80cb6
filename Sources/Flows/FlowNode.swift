import Approvals
import Domain
import JSON

/// A step as the plan and the engine see it.
struct FlowNode: Sendable {
    enum Kind: String, Sendable {
        case start
        case listen
        case router
        case prompt
    }

    /// What must have happened before the step runs.
    enum Trigger: Sendable, Equatable {
        case start
        case step(String)
        case all([String])
        case any([String])
        case label(String)

        /// The steps it names.
        var steps: [String] {
            switch self {
            case .start, .label: []
            case .step(let name): [name]
            case .all(let names), .any(let names): names
            }
        }
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
    let trigger: Trigger
    let labels: [String]
    let run: Run
    /// For a prompt step: refuses answers its listeners could not use, before they are accepted.
    let check: Check?
}
