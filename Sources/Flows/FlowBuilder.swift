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

    /// Refers to a step by its name, whether there is such a one or not: the definition tells.
    public init(_ name: String) { self.name = name }
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
    public func start<Output: Codable & Sendable>(
        _ name: String,
        policy: StepPolicy = .standard,
        _ body: @escaping StartBody<Output>
    ) -> Step<Output> {
        add(name, .start, when: nil, policy) { services in
            .result(try JSON(encoding: try await body(StepContext(services))))
        }
    }

    /// A step that runs once `step` is done, with its result.
    @discardableResult
    public func listen<Input, Output: Codable & Sendable>(
        _ name: String,
        to step: Step<Input>,
        policy: StepPolicy = .standard,
        _ body: @escaping Body<Input, Output>
    ) -> Step<Output> {
        add(name, .listen, when: .done(step), policy) { services in
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
        policy: StepPolicy = .standard,
        _ body: @escaping @Sendable @concurrent (StepContext<State>, First, Second) async throws -> Output
    ) -> Step<Output> {
        add(name, .listen, when: .done(first) && .done(second), policy) { services in
            let context = StepContext<State>(services)
            let result = try await body(context, try context.result(of: first), try context.result(of: second))
            return .result(try JSON(encoding: result))
        }
    }

    /// A step that runs once a round, when the first of several steps is done (`or`), with that one's result. The slower ones
    /// go on.
    @discardableResult
    public func listen<Input, Output: Codable & Sendable>(
        _ name: String,
        toAny steps: [Step<Input>],
        policy: StepPolicy = .standard,
        _ body: @escaping Body<Input, Output>
    ) -> Step<Output> {
        add(name, .listen, when: .any(steps.map(FlowCondition.done)), policy, run: Self.runFirst(body, steps))
    }

    /// As ``listen(_:toAny:policy:_:)``; those of the steps that are not done by then are skipped, and what they asked is
    /// retracted.
    @discardableResult
    public func race<Input, Output: Codable & Sendable>(
        _ name: String,
        between steps: [Step<Input>],
        policy: StepPolicy = .standard,
        _ body: @escaping Body<Input, Output>
    ) -> Step<Output> {
        add(name, .race, when: .any(steps.map(FlowCondition.done)), policy, run: Self.runFirst(body, steps))
    }

    /// A step that runs when a router returned `label`.
    @discardableResult
    public func listen<Output: Codable & Sendable>(
        _ name: String,
        on label: Label,
        policy: StepPolicy = .standard,
        _ body: @escaping StartBody<Output>
    ) -> Step<Output> {
        listen(name, when: .label(label.text), policy: policy, body)
    }

    /// A step that runs each time a condition is met; what it needs of other steps it reads by
    /// ``StepContext/result(of:)``.
    @discardableResult
    public func listen<Output: Codable & Sendable>(
        _ name: String,
        when condition: FlowCondition,
        policy: StepPolicy = .standard,
        _ body: @escaping StartBody<Output>
    ) -> Step<Output> {
        add(name, .listen, when: condition, policy) { services in
            .result(try JSON(encoding: try await body(StepContext(services))))
        }
    }

    /// A step that chooses the way on by returning one of `labels`.
    @discardableResult
    public func router<Input>(
        _ name: String,
        after step: Step<Input>,
        labels: [Label],
        policy: StepPolicy = .standard,
        _ body: @escaping Body<Input, Label>
    ) -> Step<String> {
        router(name, when: .done(step), labels: labels, policy: policy) { context in
            try await body(context, try context.result(of: step))
        }
    }

    /// A step that chooses the way on by returning one of `labels`, each time a condition is met.
    @discardableResult
    public func router(
        _ name: String,
        when condition: FlowCondition,
        labels: [Label],
        policy: StepPolicy = .standard,
        _ body: @escaping StartBody<Label>
    ) -> Step<String> {
        add(name, .router, when: condition, policy, labels: labels.map(\.text)) { services in
            let label = try await body(StepContext<State>(services))
            guard labels.contains(label) else { throw StepError.undeclaredLabel(step: name, label: label.text) }
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
        policy: StepPolicy = .standard,
        check: @escaping @Sendable (PromptDraft, PromptAnswer) -> [Violation] = { _, _ in [] },
        _ body: @escaping Body<Input, PromptDraft>
    ) -> Step<PromptAnswer> {
        add(name, .prompt, when: .done(step), policy, check: check) { services in
            let context = StepContext<State>(services)
            return .ask(try await body(context, try context.result(of: step)))
        }
    }

    /// Runs a body with the result of the step that came first.
    private static func runFirst<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ body: @escaping Body<Input, Output>,
        _ steps: [Step<Input>]
    ) -> FlowNode.Run {
        { services in
            let context = StepContext<State>(services)
            return .result(try JSON(encoding: try await body(context, try context.result(ofFirst: steps))))
        }
    }

    func add<Output>(
        _ name: String,
        _ kind: FlowNode.Kind,
        when condition: FlowCondition?,
        _ policy: StepPolicy,
        labels: [String] = [],
        check: FlowNode.Check? = nil,
        run: @escaping FlowNode.Run
    ) -> Step<Output> {
        nodes.append(
            FlowNode(
                name: name,
                kind: kind,
                condition: condition,
                labels: labels,
                policy: policy,
                run: run,
                check: check
            )
        )
        return Step(name)
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
    /// The arguments in force after an approval or edit of a tool call.
    public let arguments: JSON?
    /// Why, in words.
    public let reason: String?
    /// Who decided.
    public let by: [String]

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt_id"
        case verb
        case response
        case arguments
        case reason
        case by
    }

    init(_ prompt: Prompt, _ outcome: PromptOutcome) {
        promptID = prompt.id.text
        verb = outcome.verb.rawValue
        response = outcome.response
        arguments = outcome.arguments
        reason = outcome.reason
        by = outcome.by
    }
}
