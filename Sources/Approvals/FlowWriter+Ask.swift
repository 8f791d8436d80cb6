public import Domain
public import JSON
public import Ledger

extension FlowWriter {
    /// Stores a prompt for `step`, supersedes that step's open one, and ends the run with AG-UI's *interrupt* outcome if one
    /// is going on. The draft must have passed ``PromptRules/violations(of:)``.
    public func ask(_ draft: PromptDraft, step: String, by actor: String, channel: String) async throws -> Prompt {
        let id = PromptID.generate()
        let former = openPrompts.filter { $0.step == step }
        let prompt = Prompt(
            id: id,
            flow: flow.id,
            run: flow.run,
            step: step,
            attempt: try await transaction.prompts.lastAttempt(of: step, in: flow.id) + 1,
            draft: draft,
            shownDigest: draft.digest,
            createdBy: actor,
            createdAt: now
        )
        try await open(prompt)
        for old in former {
            var superseded = old
            superseded.status = .superseded
            superseded.supersededBy = id
            superseded.claim = nil
            superseded.version += 1
            // The flow's row is locked, so nobody can have been first.
            guard try await update(superseded, ifVersion: old.version) else { throw LedgerError.conflict }
        }
        try await audit(
            "prompt.opened",
            subject: "prompt:\(id)",
            channel: channel,
            detail: ["flow_id": JSON(flow.id.text), "step": JSON(step), "shown_digest": JSON(prompt.shownDigest)]
        )
        emit(["type": "CUSTOM", "name": "signalbox.prompt.opened", "value": prompt.json])
        return prompt
    }

    /// Retracts open prompts because nobody would act on an answer: the flow has ended, or the branch that asked.
    /// - Parameter prompts: which; nil for all.
    public func cancelOpenPrompts(_ prompts: [PromptID]? = nil) async throws {
        for prompt in openPrompts where prompts?.contains(prompt.id) ?? true {
            var cancelled = prompt
            cancelled.status = .cancelled
            cancelled.claim = nil
            cancelled.version += 1
            guard try await update(cancelled, ifVersion: prompt.version) else { throw LedgerError.conflict }
        }
    }
}

extension Prompt {
    /// The prompt as an AG-UI 1.0 `Interrupt`.
    public var interrupt: JSON {
        var object: JSONObject = [
            "id": JSON(id.text),
            "reason": JSON(draft.kind.rawValue),
            "message": JSON(draft.title),
            "metadata": ["signalbox": ["step": JSON(step), "shown_digest": JSON(shownDigest)]],
        ]
        if let schema = draft.responseSchema, schema.object != nil { object["responseSchema"] = schema }
        if let end = draft.expiresAt { object["expiresAt"] = JSON(end.rfc3339) }
        return .object(object)
    }
}
