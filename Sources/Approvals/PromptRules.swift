public import Domain
import JSON
import JSONSchema

/// The rules of prompts and decisions, without I/O.
public enum PromptRules {
    /// The largest `shown`, in bytes.
    public static let maximumShownBytes = 256 << 10
    /// The longest title, in characters.
    public static let maximumTitle = 200
    /// The longest message, in bytes.
    public static let maximumMessageBytes = 64 << 10
    /// The longest reason, in bytes.
    public static let maximumReasonBytes = 8 << 10
    /// The longest idempotency key, in bytes.
    public static let maximumKeyBytes = 200

    /// What is wrong with a question; empty when it may be asked.
    public static func violations(of draft: PromptDraft) -> [Violation] {
        var found: [Violation] = []
        if draft.title.isEmpty || draft.title.count > maximumTitle {
            found.append(Violation(pointer: "/title", message: "must have 1 to \(maximumTitle) characters"))
        }
        for (pointer, text) in [("/title", draft.title), ("/message", draft.message)] where text.utf8.contains(0) {
            found.append(Violation(pointer: pointer, message: "must not contain U+0000"))
        }
        if draft.message.utf8.count > maximumMessageBytes {
            found.append(Violation(pointer: "/message", message: "must not exceed \(maximumMessageBytes) bytes"))
        }
        if draft.allowed.isEmpty {
            found.append(Violation(pointer: "/allowed", message: "must name at least one verb"))
        }
        if Set(draft.allowed).count != draft.allowed.count {
            found.append(Violation(pointer: "/allowed", message: "must not name a verb twice"))
        }
        if draft.shown.serialized().count > maximumShownBytes {
            found.append(Violation(pointer: "/shown", message: "must not exceed \(maximumShownBytes) bytes"))
        }
        if draft.kind == .toolCall, draft.action?["arguments"] == nil {
            found.append(Violation(pointer: "/action", message: "a tool_call needs an action with arguments"))
        }
        if draft.allowed.contains(.respond), draft.responseSchema == nil, draft.kind == .choice {
            found.append(Violation(pointer: "/response_schema", message: "a choice needs a response_schema"))
        }
        for (pointer, schema) in [
            ("/response_schema", draft.responseSchema), ("/action/arguments_schema", draft.action?["arguments_schema"]),
        ] {
            guard let schema, !schema.isNull else { continue }
            do { _ = try JSONSchema(schema) } catch {
                found.append(Violation(pointer: pointer, message: String(describing: error)))
            }
        }
        return found
    }

    /// Decides: the prompt as it is afterwards, or why not.
    ///
    /// The order of the checks is the order in which a person needs to hear of them: whether it is theirs to decide, whether
    /// it still can be, whether they saw what is there, and only then whether the answer is well-formed.
    public static func decide(
        _ prompt: Prompt,
        with decision: Decision,
        by principal: Principal,
        at now: Timestamp
    ) throws(ApprovalError) -> Prompt {
        guard prompt.mayBeDecided(by: principal) else { throw .forbidden }
        try checkIsPending(prompt, at: now)
        guard decision.shownDigest == prompt.shownDigest, decision.version ?? prompt.version == prompt.version else {
            throw .changed(prompt)
        }
        if let claim = prompt.activeClaim(at: now) {
            guard claim.by == principal.subject else { throw .claimed(prompt) }
        } else if prompt.draft.requiresClaim {
            throw .claimRequired(prompt)
        }
        let violations = self.violations(of: decision, on: prompt.draft)
        guard violations.isEmpty else { throw .invalid(violations) }

        var decided = prompt
        decided.status = .decided
        decided.version += 1
        decided.claim = nil
        decided.outcome = PromptOutcome(
            verb: decision.verb,
            response: decision.response,
            arguments: effectiveArguments(decision, prompt.draft),
            reason: decision.reason,
            by: [principal.subject],
            at: now,
            execution: .pending
        )
        return decided
    }

    /// Takes or renews a lease of `seconds`.
    public static func claim(
        _ prompt: Prompt,
        by principal: Principal,
        at now: Timestamp,
        seconds: Int64
    ) throws(ApprovalError) -> Prompt {
        guard prompt.mayBeDecided(by: principal) else { throw .forbidden }
        try checkIsPending(prompt, at: now)
        if let claim = prompt.activeClaim(at: now), claim.by != principal.subject { throw .claimed(prompt) }
        var claimed = prompt
        claimed.status = .claimed
        claimed.claim = PromptClaim(by: principal.subject, until: now.adding(seconds: seconds))
        claimed.version += 1
        return claimed
    }

    /// Gives a lease back; anybody may do so once it has run out.
    public static func release(
        _ prompt: Prompt,
        by principal: Principal,
        at now: Timestamp
    ) throws(ApprovalError) -> Prompt {
        guard prompt.mayBeDecided(by: principal) else { throw .forbidden }
        try checkIsPending(prompt, at: now)
        if let claim = prompt.activeClaim(at: now), claim.by != principal.subject { throw .claimed(prompt) }
        var released = prompt
        released.status = .open
        released.claim = nil
        released.version += 1
        return released
    }

    private static func checkIsPending(_ prompt: Prompt, at now: Timestamp) throws(ApprovalError) {
        switch prompt.status {
        case .open, .claimed: break
        case .decided: throw .alreadyDecided(prompt)
        case .superseded: throw .stale(prompt)
        case .expired: throw .expired(prompt)
        case .cancelled: throw .cancelled(prompt)
        }
        if let end = prompt.draft.expiresAt, end <= now { throw .expired(prompt) }
    }

    private static func violations(of decision: Decision, on draft: PromptDraft) -> [Violation] {
        var found: [Violation] = []
        if !draft.allowed.contains(decision.verb) {
            let allowed = draft.allowed.map(\.rawValue).joined(separator: ", ")
            found.append(
                Violation(pointer: "/verb", message: "\(decision.verb.rawValue) is not allowed here, only \(allowed)")
            )
        }
        if let reason = decision.reason, reason.utf8.count > maximumReasonBytes {
            found.append(Violation(pointer: "/reason", message: "must not exceed \(maximumReasonBytes) bytes"))
        }
        if decision.idempotencyKey.isEmpty || decision.idempotencyKey.utf8.count > maximumKeyBytes {
            found.append(Violation(pointer: "/idempotency_key", message: "must have 1 to \(maximumKeyBytes) bytes"))
        }
        found += responseViolations(decision, draft) + argumentsViolations(decision, draft)
        return found
    }

    private static func responseViolations(_ decision: Decision, _ draft: PromptDraft) -> [Violation] {
        let isWanted = decision.verb == .respond || (decision.verb == .edit && draft.kind != .toolCall)
        guard let response = decision.response else {
            return isWanted
                ? [Violation(pointer: "/response", message: "is required with \(decision.verb.rawValue)")] : []
        }
        guard isWanted else {
            return [Violation(pointer: "/response", message: "is not taken with \(decision.verb.rawValue)")]
        }
        return schemaViolations(of: response, under: draft.responseSchema, at: "/response")
    }

    private static func argumentsViolations(_ decision: Decision, _ draft: PromptDraft) -> [Violation] {
        let isWanted = decision.verb == .edit && draft.kind == .toolCall
        guard let arguments = decision.arguments else {
            return isWanted ? [Violation(pointer: "/arguments", message: "is required with edit")] : []
        }
        guard isWanted else {
            return [Violation(pointer: "/arguments", message: "is not taken with \(decision.verb.rawValue) here")]
        }
        return schemaViolations(of: arguments, under: draft.action?["arguments_schema"], at: "/arguments")
    }

    private static func schemaViolations(of value: JSON, under schema: JSON?, at pointer: String) -> [Violation] {
        guard let schema, !schema.isNull else { return [] }
        do {
            return try JSONSchema(schema).validate(value).map {
                Violation(pointer: pointer + $0.pointer.text, message: $0.message)
            }
        } catch {
            return [Violation(pointer: pointer, message: "cannot be checked: \(error)")]
        }
    }

    private static func effectiveArguments(_ decision: Decision, _ draft: PromptDraft) -> JSON? {
        guard draft.kind == .toolCall else { return nil }
        return decision.verb == .edit
            ? decision.arguments : decision.verb == .approve ? draft.action?["arguments"] : nil
    }
}

extension Prompt {
    /// The claim, unless its time ran out.
    func activeClaim(at now: Timestamp) -> PromptClaim? {
        guard let claim, claim.until > now else { return nil }
        return claim
    }
}
