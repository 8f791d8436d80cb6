import Approvals
import Domain
import Flows
import JSON

/// A call of a tool in a step, from the first look at it to its result.
///
/// Its effects in the journal: `begin` (watchers know), `approve` (people were asked), `failed-n` (the nth try came to nothing,
/// and another may not) and `result` (it is over). Each try after a failed one is a call of its own to those who watch, so that
/// each has one result.
struct PlannedCall<State: Codable & Sendable, T: Tool> {
    private let context: StepContext<State>
    private let tool: T
    private let proposed: JSON
    private let agent: any Agent.Type

    /// - Parameter context: the call's own, for its effects.
    init(_ context: StepContext<State>, _ tool: T, _ proposed: JSON, by agent: any Agent.Type) {
        self.context = context
        self.tool = tool
        self.proposed = proposed
        self.agent = agent
    }

    func run() async throws -> T.Output {
        defer { context.claimAll() }
        // Counted also when the journal has the result: the count must not depend on where the step goes on.
        let count = context.count("calls of \(agent.name)")
        if let known = try context.recorded("result") { return try read(known) }
        let arguments: T.Arguments
        do { arguments = try admit(count) } catch { return try await refuse(error) }
        let number = try tries()
        if number == 1 { try await context.emit("begin", events(1).begin(proposed)) }
        let risk = tool.risk(of: arguments)
        guard max(T.approval, agent.policy.approval).asks(at: risk) else {
            return try await execute(arguments, shown: proposed, key: context.key, number)
        }
        let prompt = ToolPrompt(
            tool: T.self,
            agent: agent,
            arguments: proposed,
            risk: risk,
            callID: context.key.text
        )
        return try await act(on: try await context.ask("approve", prompt.draft), to: prompt, number)
    }

    // MARK: Before it happens

    /// Whether it may be made at all.
    private func admit(_ count: Int) throws(ToolError) -> T.Arguments {
        guard agent.declares(T.self) else {
            throw .undeclared(tool: T.name, agent: agent.name, declared: agent.tools.map { $0.name })
        }
        // Branches of a step may come in another order when it is run again: what was admitted stays so.
        guard count <= agent.policy.calls || context.hasEmitted("begin") else {
            throw .tooManyCalls(agent: agent.name, limit: agent.policy.calls)
        }
        return try ToolContract.of(T.self).read(proposed, as: T.Arguments.self)
    }

    private func refuse(_ error: ToolError) async throws -> T.Output {
        var told = [events(1).failure(error.code, error.description)]
        if !context.hasEmitted("begin") { told = events(1).begin(proposed.shownArguments) + told }
        return try await end(error, told)
    }

    /// What people decided.
    private func act(on answer: PromptAnswer, to prompt: ToolPrompt, _ number: Int) async throws -> T.Output {
        let verb = Verb(rawValue: answer.verb)
        switch verb {
        case .approve, .edit:
            let (json, arguments): (JSON, T.Arguments)
            do {
                json = try prompt.effective(answer, try await stored(answer))
                arguments = try ToolContract.of(T.self).read(json, as: T.Arguments.self)
            } catch let error as ToolError {
                return try await end(error, [events(number).failure(error.code, error.description)])
            }
            return try await execute(arguments, shown: json, key: EffectKey(approvedBy: answer), number)
        case .respond:
            let output = answer.response ?? .null
            let given: T.Output
            do { given = try output.decode(T.Output.self) } catch {
                let error = ToolError.failed(tool: T.name, message: "the answer cannot be read: \(error)")
                return try await end(error, [events(number).failure(error.code, error.description)])
            }
            try await context.record("result", ["output": output], events: [events(number).result(T.shown(given))])
            return given
        default:
            let refusal = ToolRefused(tool: T.name, by: answer.by, reason: answer.reason, prompt: answer.promptID)
            let told = events(number).failure("rejected", refusal.description)
            try await context.record("result", ["refused": JSON(encoding: refusal)], events: [told])
            throw refusal
        }
    }

    private func stored(_ answer: PromptAnswer) async throws -> Prompt? {
        guard let id = PromptID(answer.promptID) else { return nil }
        return try await context.transaction(.snapshot) { try await $0.prompts.find(id) }
    }

    // MARK: While it happens

    private func execute(
        _ arguments: T.Arguments,
        shown: JSON,
        key: EffectKey,
        _ number: Int
    ) async throws -> T.Output {
        let events = events(number)
        if number > 1 { try await context.emit("begin-\(number)", events.begin(shown)) }
        let call = ToolCall(id: events.id, key: key, agent: agent.name)
        let output: T.Output
        let (kept, told): (JSON, JSON)
        do {
            output = try await context.run(within: agent.policy.timeout) { [tool] in
                try await tool.call(arguments, call)
            }
            kept = try context.checked(["output": try JSON(encoding: output), "arguments": shown])
            told = events.result(try T.shown(output))
        } catch {
            guard let failure = context.failure(error) else { throw error }
            return try await failed(failure.message, isLasting: failure.isLasting, number)
        }
        try await context.record("result", kept, events: [told])
        return output
    }

    private func failed(_ message: String, isLasting: Bool, _ number: Int) async throws -> T.Output {
        guard !isLasting else {
            let error = ToolError.failed(tool: T.name, message: message)
            return try await end(error, [events(number).failure(error.code, message)])
        }
        let failure = ToolFailed(tool: T.name, message: message, attempt: context.attempt)
        try await context.record(
            "failed-\(number)",
            try JSON(encoding: failure),
            events: [events(number).failure("failed", message)]
        )
        throw failure
    }

    // MARK: What the journal has

    /// The number of this try, from 1.
    /// - Throws: ``ToolFailed``, if the try of this attempt failed and the body went on: it has to come to the same again.
    private func tries() throws -> Int {
        var number = 1
        while let known = try context.recorded("failed-\(number)") {
            let failure = try known.decode(ToolFailed.self)
            guard failure.attempt < context.attempt else { throw failure }
            number += 1
        }
        return number
    }

    /// Keeps that it came to nothing.
    private func end(_ error: ToolError, _ events: [JSON]) async throws -> T.Output {
        try await context.record("result", ["failed": try JSON(encoding: error)], events: events)
        throw error
    }

    private func read(_ known: JSON) throws -> T.Output {
        if let refusal = known["refused"] { throw try refusal.decode(ToolRefused.self) }
        if let error = known["failed"] { throw try error.decode(ToolError.self) }
        return try (known["output"] ?? .null).decode(T.Output.self)
    }

    private func events(_ number: Int) -> ToolEvents {
        ToolEvents(id: context.key.text + (number > 1 ? "/\(number)" : ""), tool: T.name)
    }
}
