public import Domain
public import JSON
public import Ledger

/// What happens to a flow when one of its prompts was answered, in the decision's own transaction.
///
/// Flows implements it for native flows; declared here because the decision is what must be atomic with it.
public protocol DecisionEffect: Sendable {
    /// The prompt was decided. What is written here commits with the decision or not at all, and is carried by its event, which
    /// comes next.
    func decided(_ prompt: Prompt, in writer: FlowWriter) async throws
    /// The commit has happened.
    func committed(_ flow: FlowID)
}

/// Prompts and their decisions, on the ledger.
public struct Approvals: Sendable {
    private let ledger: Ledger
    private let effect: any DecisionEffect
    /// How long a claim lasts, in seconds.
    public static let claimSeconds: Int64 = 300

    /// Creates the service.
    public init(ledger: Ledger, effect: any DecisionEffect) {
        self.ledger = ledger
        self.effect = effect
    }

    /// The prompt, if the caller may see it. Another tenant's prompt is one that never existed.
    public func find(_ id: PromptID, for principal: Principal) async throws -> Prompt {
        let found = try await ledger.store.transaction(.snapshot) { transaction in
            try await transaction.prompts.find(id)
        }
        guard let found else { throw ApprovalError.notFound }
        return found
    }

    /// Asks: stores a prompt of an external flow. An open prompt of the same step is superseded by it.
    ///
    /// - Parameter answer: makes the caller's answer in the same transaction.
    /// - Throws: ``ApprovalError/invalid(_:)``, ``LedgerError``, or what `answer` throws; nothing is asked then.
    public func ask<Answer: Sendable>(
        _ draft: PromptDraft,
        step: String,
        flow: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter, Prompt) async throws -> Answer
    ) async throws -> Answer {
        var violations = PromptRules.violations(of: draft)
        if step.isEmpty || step.utf8.count > 100 || step.utf8.contains(0) {
            violations.append(Violation(pointer: "/step", message: "must have 1 to 100 bytes, none of them U+0000"))
        }
        guard violations.isEmpty else { throw ApprovalError.invalid(violations) }
        return try await ledger.write(flow, by: principal.subject, at: now) { writer in
            guard !writer.flow.status.isFinal else { throw LedgerError.flowHasEnded(writer.flow.status) }
            guard writer.flow.type == Flow.externalType else { throw ApprovalError.forbidden }
            writer.set(status: .waiting, phase: step)
            let prompt = try await writer.ask(draft, step: step, by: principal.subject, channel: channel)
            return try await answer(writer, prompt)
        }
    }

    /// Asks, for callers who keep nothing of their own beside it.
    public func ask(
        _ draft: PromptDraft,
        step: String,
        flow: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> Prompt {
        try await ask(draft, step: step, flow: flow, by: principal, channel: channel, at: now) { _, prompt in prompt }
    }

    /// Takes or renews a lease on a prompt.
    public func claim(
        _ id: PromptID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> Prompt {
        try await change(id, by: principal, channel: channel, at: now, action: "claimed") {
            prompt throws(ApprovalError) in
            try PromptRules.claim(prompt, by: principal, at: now, seconds: Self.claimSeconds)
        }
    }

    /// Gives a lease back.
    public func release(
        _ id: PromptID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> Prompt {
        try await change(id, by: principal, channel: channel, at: now, action: "released") {
            prompt throws(ApprovalError) in
            try PromptRules.release(prompt, by: principal, at: now)
        }
    }

    /// Decides a prompt, once. The decision, its audit line, the flow's way on and the events commit together.
    ///
    /// The same key with the same body gives the first answer again.
    /// - Throws: ``ApprovalError`` saying who won, what changed or what is wrong.
    public func decide(
        _ id: PromptID,
        with decision: Decision,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> JSON {
        let prompt = try await find(id, for: principal)
        // Checked before the look-up below: the database cannot even be asked for such a key.
        guard !decision.idempotencyKey.utf8.contains(0) else {
            throw ApprovalError.invalid([Violation(pointer: "/idempotency_key", message: "must not contain U+0000")])
        }
        let answer = try await ledger.write(prompt.flow, by: principal.subject, at: now) {
            writer in
            let prompts = writer.transaction.prompts
            if let first = try await prompts.decision(on: id, key: decision.idempotencyKey) {
                guard first.bodyDigest == decision.bodyDigest, first.by == principal.subject else {
                    throw ApprovalError.idempotencyMismatch
                }
                return first.answer
            }
            guard let current = try await prompts.find(id) else { throw ApprovalError.notFound }
            let decided = try PromptRules.decide(current, with: decision, by: principal, at: now)
            guard try await writer.update(decided, ifVersion: current.version) else {
                throw ApprovalError.changed(try await prompts.find(id) ?? current)
            }
            let answer = decided.json
            try await prompts.record(
                DecisionRecord(
                    prompt: id,
                    idempotencyKey: decision.idempotencyKey,
                    bodyDigest: decision.bodyDigest,
                    by: principal.subject,
                    answer: answer,
                    at: now
                )
            )
            try await writer.audit(
                "prompt.decided",
                subject: "prompt:\(id)",
                channel: channel,
                detail: [
                    "verb": JSON(decision.verb.rawValue),
                    "reason": decision.reason.map { JSON($0) } ?? .null,
                    "shown_digest": JSON(current.shownDigest),
                    "flow_id": JSON(current.flow.text),
                    "step": JSON(current.step),
                ]
            )
            try await effect.decided(decided, in: writer)
            writer.emit(["type": "CUSTOM", "name": "signalbox.prompt.decided", "value": answer])
            return answer
        }
        effect.committed(prompt.flow)
        return answer
    }

    private func change(
        _ id: PromptID,
        by principal: Principal,
        channel: String,
        at now: Timestamp,
        action: String,
        _ rule: @escaping @Sendable (Prompt) throws(ApprovalError) -> Prompt
    ) async throws -> Prompt {
        let prompt = try await find(id, for: principal)
        return try await ledger.write(prompt.flow, by: principal.subject, at: now) { writer in
            guard let current = try await writer.transaction.prompts.find(id) else { throw ApprovalError.notFound }
            let changed = try rule(current)
            guard try await writer.update(changed, ifVersion: current.version) else {
                throw ApprovalError.changed(try await writer.transaction.prompts.find(id) ?? current)
            }
            try await writer.audit("prompt.\(action)", subject: "prompt:\(id)", channel: channel, detail: [:])
            writer.emit(["type": "CUSTOM", "name": JSON("signalbox.prompt.\(action)"), "value": changed.json])
            return changed
        }
    }
}
