public import Approvals
public import Domain
import JSON

// Questions and races on conditions of any form; FlowBuilder has the listeners and routers.

extension FlowBuilder {
    /// A step that asks people each time a condition is met; see ``ask(_:after:policy:check:_:)``.
    @discardableResult
    public func ask(
        _ name: String,
        when condition: FlowCondition,
        policy: StepPolicy = .standard,
        check: @escaping @Sendable (PromptDraft, PromptAnswer) -> [Violation] = { _, _ in [] },
        _ body: @escaping StartBody<PromptDraft>
    ) -> Step<PromptAnswer> {
        add(name, .prompt, when: condition, policy, check: check) { services in
            .ask(try await body(StepContext(services)))
        }
    }

    /// A step that runs once a condition is met, and ends the steps that the condition names and that are not done by then;
    /// see ``race(_:between:policy:_:)``. Labels in the condition are not ended by it.
    @discardableResult
    public func race<Output: Codable & Sendable>(
        _ name: String,
        when condition: FlowCondition,
        policy: StepPolicy = .standard,
        _ body: @escaping StartBody<Output>
    ) -> Step<Output> {
        add(name, .race, when: condition, policy) { services in
            .result(try JSON(encoding: try await body(StepContext(services))))
        }
    }
}
