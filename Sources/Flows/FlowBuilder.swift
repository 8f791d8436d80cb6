// Flows: what happens in which order, and that it keeps its place.
//
// What it is for: definitions of native flows (steps, listeners, routers, questions), the plan that says which step is next,
// and the engine that runs steps and commits each result before its listeners start. It must never know a wire format, SQL,
// or what a step is about.

public import Approvals
public import Domain
public import JSON

/// A step of a flow under construction; `Output` is what its listeners get.
public struct Step<Output: Codable & Sendable>: Sendable {
    /// The step's name.
    public let name: String
}

/// One of the labels a router may return.
public struct Label: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The label's text. Labels and step names are separate namespaces.
    public let text: String

    /// Creates a label.
    public init(_ text: String) { self.text = text }
    /// Creates a label.
    public init(stringLiteral value: String) { text = value }
}

/// Puts together a flow whose state is a `State`.
///
/// ```swift
/// let definition = try FlowDefinition<Greeting>("greeting", initial: { _ in Greeting() }) { flow in
///     let hello = flow.start("hello") { _ in "hello" }
///     flow.listen("shout", to: hello) { context, word in
///         context.stage { $0.text = word.uppercased() }
///     }
/// }
/// ```
public final class FlowBuilder<State: Codable & Sendable> {
    /// The body of a step without input.
    public typealias StartBody<Output> = @Sendable @concurrent (StepContext<State>) async throws -> Output
    /// The body of a step that gets the result of another.
    public typealias Body<Input, Output> = @Sendable @concurrent (StepContext<State>, Input) async throws -> Output

    private(set) var nodes: [FlowNode] = []

    init() {}

    /// A step that runs when the flow begins.
    @discardableResult
    public func start<Output: Codable & Sendable>(_ name: String, _ body: @escaping StartBody<Output>) -> Step<Output> {
        add(name, .start, on: .start) { services in
            .result(try JSON(encoding: try await body(StepContext(services))))
        }
    }

    /// A step that runs once `step` is done, with its result.
    @discardableResult
    public func listen<Input, Output: Codable & Sendable>(
        _ name: String,
        to step: Step<Input>,
        _ body: @escaping Body<Input, Output>
    ) -> Step<Output> {
        add(name, .listen, on: .step(step.name)) { services in
            let context = StepContext<State>(services)
            return .result(try JSON(encoding: try await body(context, try context.result(of: step))))
        }
    }

    /// A step that runs once both are done (`and`), with both results.
    @discardableResult
    public func listen<First, Second, Output: Codable & Sendable>(
        _ name: String,
        toBoth first: Step<First>,
        _ second: Step<Second>,
        _ body: @escaping @Sendable @concurrent (StepContext<State>, First, Second) async throws -> Output
    ) -> Step<Output> {
        add(name, .listen, on: .all([first.name, second.name])) { services in
            let context = StepContext<State>(services)
            let result = try await body(context, try context.result(of: first), try context.result(of: second))
            return .result(try JSON(encoding: result))
        }
    }

    /// A step that runs once, when the first of several steps is done (`or`), with that one's result. The slower ones go on.
    @discardableResult
    public func listen<Input, Output: Codable & Sendable>(
        _ name: String,
        toAny steps: [Step<Input>],
        _ body: @escaping Body<Input, Output>
    ) -> Step<Output> {
        add(name, .listen, on: .any(steps.map(\.name))) { services in
            guard let first = steps.first(where: { services.results[$0.name] != nil }) else {
                throw FlowError.missingResult(step: name)
            }
            let context = StepContext<State>(services)
            return .result(try JSON(encoding: try await body(context, try context.result(of: first))))
        }
    }

    /// A step that runs when a router returned `label`.
    @discardableResult
    public func listen<Output: Codable & Sendable>(
        _ name: String,
        on label: Label,
        _ body: @escaping StartBody<Output>
    ) -> Step<Output> {
        add(name, .listen, on: .label(label.text)) { services in
            .result(try JSON(encoding: try await body(StepContext(services))))
        }
    }

    /// A step that chooses the way on by returning one of `labels`.
    @discardableResult
    public func router<Input>(
        _ name: String,
        after step: Step<Input>,
        labels: [Label],
        _ body: @escaping Body<Input, Label>
    ) -> Step<String> {
        add(name, .router, on: .step(step.name), labels: labels.map(\.text)) { services in
            let context = StepContext<State>(services)
            let label = try await body(context, try context.result(of: step))
            guard labels.contains(label) else { throw FlowError.undeclaredLabel(step: name, label: label.text) }
            return .result(JSON(label.text))
        }
    }

    /// A step that asks people; its listeners get their answer. It waits without holding a thread or a connection.
    ///
    /// - Parameter check: what is wrong with an answer beyond its schema; the answer is refused then and the prompt stays
    ///   open. Runs within the decision's transaction, so it must be quick.
    @discardableResult
    public func ask<Input>(
        _ name: String,
        after step: Step<Input>,
        check: @escaping @Sendable (PromptDraft, PromptAnswer) -> [Violation] = { _, _ in [] },
        _ body: @escaping Body<Input, PromptDraft>
    ) -> Step<PromptAnswer> {
        add(name, .prompt, on: .step(step.name), check: check) { services in
            let context = StepContext<State>(services)
            return .ask(try await body(context, try context.result(of: step)))
        }
    }

    private func add<Output>(
        _ name: String,
        _ kind: FlowNode.Kind,
        on trigger: FlowNode.Trigger,
        labels: [String] = [],
        check: FlowNode.Check? = nil,
        _ run: @escaping FlowNode.Run
    ) -> Step<Output> {
        nodes.append(FlowNode(name: name, kind: kind, trigger: trigger, labels: labels, run: run, check: check))
        return Step(name: name)
    }
}

/// The answer to a prompt, as a step's input.
public struct PromptAnswer: Codable, Sendable, Equatable {
    /// The prompt that was answered; the effect key of what follows from it.
    public let promptID: String
    /// `approve`, `edit`, `reject`, `respond` or `ignore`.
    public let verb: String
    /// What was filled in.
    public let response: JSON?
    /// Why, in words.
    public let reason: String?
    /// Who decided.
    public let by: [String]

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt_id"
        case verb
        case response
        case reason
        case by
    }

    init(_ prompt: Prompt, _ outcome: PromptOutcome) {
        promptID = prompt.id.text
        verb = outcome.verb.rawValue
        response = outcome.response
        reason = outcome.reason
        by = outcome.by
    }
}
