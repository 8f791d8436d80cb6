public import Approvals
public import Domain
import JSON
public import Ledger

extension FlowEngine: DecisionEffect {
    /// Makes the answer the result of what asked, in the decision's own transaction.
    public nonisolated func decided(_ prompt: Prompt, in writer: FlowWriter) async throws {
        guard let outcome = prompt.outcome else { return }
        guard writer.flow.type != Flow.externalType else {
            if writer.openPrompts.isEmpty, writer.flow.status == .waiting {
                writer.set(status: .running, phase: writer.flow.phase)
            }
            return
        }
        let answer = PromptAnswer(prompt, outcome)
        if var effect = writer.effects.first(where: { $0.prompt == prompt.id }) {
            guard !effect.isDone else { return }
            effect.isDone = true
            effect.result = try JSON(encoding: answer)
            effect.doneSeq = writer.flow.seq + 1
            writer.save(effect)
            writer.change { $0.wake(effect.step) }
        } else {
            try finish(prompt, with: answer, in: writer)
        }
        writer.set(work: .enqueue)
    }

    /// The answer is the result of a step that does nothing but ask.
    private nonisolated func finish(_ prompt: Prompt, with answer: PromptAnswer, in writer: FlowWriter) throws {
        guard var record = writer.step(prompt.step), record.status == .waiting else { return }
        let type = registry.type(writer.flow.type, version: writer.flow.version)
        if let check = type?.plan.node(prompt.step)?.check {
            let violations = check(prompt.draft, answer)
            guard violations.isEmpty else { throw ApprovalError.invalid(violations) }
        }
        record.status = .done
        record.result = try JSON(encoding: answer)
        record.finishedAt = writer.now
        record.doneSeq = writer.flow.seq + 1
        writer.save(record)
    }

    /// Starts what the answer made runnable.
    public nonisolated func committed(_ flow: FlowID) { announce() }
}
