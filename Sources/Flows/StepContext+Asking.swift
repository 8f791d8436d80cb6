import Approvals
public import Domain
import JSON
import Ledger

extension StepContext {
    /// Asks people and waits for their answer, for as long as it takes, without holding a thread or a connection.
    ///
    /// The body is run again when the answer is there, past what it did before. The prompt's step is `<step>/<name>`.
    /// - Throws: ``StepError/invalidPrompt(step:reason:)``, ``StepError/journalMismatch(step:effect:reason:)``.
    public func ask(_ name: String, _ draft: PromptDraft) async throws -> PromptAnswer {
        let name = services.name(scope + name)
        if let known = try services.known(name, as: .ask), known.isDone {
            return try services.decode(known.result ?? .null, of: name)
        }
        try services.check(draft)
        let step = services.step
        let effect = try await services.write { writer in
            let known = writer.effects.first { $0.step == step && $0.name == name }
            if let known, known.isDone || writer.openPrompts.contains(where: { $0.id == known.prompt }) { return known }
            let prompt = try await writer.ask(
                draft,
                step: "\(step.name)/\(name)",
                by: FlowEngine.actorName,
                channel: FlowEngine.channel
            )
            var effect = known ?? EffectRecord(step: step, name: name, kind: .ask, isDone: false)
            effect.prompt = prompt.id
            writer.save(effect)
            return effect
        }
        services.learn(effect)
        guard effect.isDone else { throw services.wait(for: name) }
        return try services.decode(effect.result ?? .null, of: name)
    }
}

extension StepServices {
    /// - Throws: ``StepError/invalidPrompt(step:reason:)``.
    func check(_ draft: PromptDraft) throws {
        let violations = PromptRules.violations(of: draft)
        guard !violations.isEmpty else { return }
        let reason = violations.map { "\($0.pointer) \($0.message)" }.joined(separator: "; ")
        throw StepError.invalidPrompt(step: step.name, reason: reason)
    }
}
