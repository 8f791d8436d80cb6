import Approvals
import Domain
import Flows
import JSON

/// The question whether a call may happen, and what of its answer is executed.
struct ToolPrompt {
    let tool: any Tool.Type
    let agent: any Agent.Type
    let arguments: JSON
    let risk: Risk
    let callID: String

    /// The question. People see what would be executed, and may give other arguments, which the decision checks by the schema.
    var draft: PromptDraft {
        var allowed: [Verb] = [.approve, .edit, .reject]
        if tool.outputSchema != nil { allowed.append(.respond) }
        return PromptDraft(
            kind: .toolCall,
            title: "May \(agent.name) call \(tool.name)?",
            message: tool.summary,
            shown: ["agent": JSON(agent.name)],
            action: [
                "tool": JSON(tool.name), "agent": JSON(agent.name), "tool_call_id": JSON(callID),
                "risk": JSON(risk.rawValue), "arguments": arguments, "arguments_schema": tool.schema,
            ],
            responseSchema: tool.outputSchema,
            allowed: allowed
        )
    }

    /// The arguments to execute: those that were decided. The answer comes from the flow's journal and the prompt from its own
    /// row, and both must say what the decision said.
    /// - Throws: ``ToolError/argumentsMismatch(tool:reason:)``.
    func effective(_ answer: PromptAnswer, _ prompt: Prompt?) throws(ToolError) -> JSON {
        guard let prompt, prompt.status == .decided, let outcome = prompt.outcome, outcome.verb.rawValue == answer.verb
        else { throw mismatch("the prompt was not decided in this way") }
        guard prompt.draft.digest == prompt.shownDigest, let proposed = prompt.draft.action?["arguments"] else {
            throw mismatch("the prompt is not the one that was shown")
        }
        guard proposed.sha256 == arguments.sha256 else {
            throw mismatch("the step proposes other arguments than it did when people were asked")
        }
        guard let decided = outcome.arguments, let executed = answer.arguments, executed.sha256 == decided.sha256 else {
            throw mismatch("the journal has other arguments than were decided")
        }
        guard outcome.verb == .edit || decided.sha256 == proposed.sha256 else {
            throw mismatch("other arguments were approved than were shown")
        }
        return executed
    }

    private func mismatch(_ reason: String) -> ToolError {
        .argumentsMismatch(tool: tool.name, reason: reason)
    }
}
