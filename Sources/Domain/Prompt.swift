public import JSON

/// What kind of answer a prompt wants.
public enum PromptKind: String, Sendable, Hashable, CaseIterable {
    /// Is this right?
    case confirmation
    /// May this tool be called with these arguments?
    case toolCall = "tool_call"
    /// Please fill this in.
    case inputRequired = "input_required"
    /// Which of these?
    case choice
}

/// The five explicit answers. Nothing else, and never nothing, decides.
public enum Verb: String, Sendable, Hashable, CaseIterable {
    /// Go on with what is proposed.
    case approve
    /// Go on with what is sent instead.
    case edit
    /// Do not go on with it.
    case reject
    /// Answer in words or data.
    case respond
    /// Go on without an answer.
    case ignore
}

/// Where a prompt stands.
public enum PromptStatus: String, Sendable, Hashable, CaseIterable {
    /// Waits for anybody who may decide.
    case open
    /// Somebody has it in hand.
    case claimed
    /// Answered.
    case decided
    /// Its time ran out.
    case expired
    /// Its flow ended first.
    case cancelled
    /// A newer prompt took its place.
    case superseded

    /// Whether an answer is still possible.
    public var isPending: Bool { self == .open || self == .claimed }
}

/// A lease on a prompt.
public struct PromptClaim: Sendable, Equatable {
    /// The subject who holds it.
    public let by: String
    /// When it ends unless it is renewed.
    public let until: Timestamp

    /// Creates the value.
    public init(by: String, until: Timestamp) {
        self.by = by
        self.until = until
    }
}

/// How an approved action went: a fact apart from the decision.
public enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
    /// Not finished yet.
    case pending
    /// Took effect.
    case succeeded
    /// Did not.
    case failed
}

/// The one answer to a prompt.
public struct PromptOutcome: Sendable, Equatable {
    /// The answer's kind.
    public let verb: Verb
    /// What was filled in.
    public let response: JSON?
    /// The arguments in force after an edit or approval of a tool call.
    public let arguments: JSON?
    /// Why, in words.
    public let reason: String?
    /// The subjects who decided.
    public let by: [String]
    /// When.
    public let at: Timestamp
    /// How execution went.
    public var execution: ExecutionStatus

    /// Creates the value.
    public init(
        verb: Verb,
        response: JSON?,
        arguments: JSON?,
        reason: String?,
        by: [String],
        at: Timestamp,
        execution: ExecutionStatus
    ) {
        self.verb = verb
        self.response = response
        self.arguments = arguments
        self.reason = reason
        self.by = by
        self.at = at
        self.execution = execution
    }
}

/// What is asked, before it becomes a prompt.
public struct PromptDraft: Sendable, Equatable {
    /// What kind of answer is wanted.
    public var kind: PromptKind
    /// One line.
    public var title: String
    /// Markdown.
    public var message: String
    /// What people decide on; its digest is bound to every decision.
    public var shown: JSON
    /// The proposed action, if one is (`{tool, arguments, arguments_schema, risk}`).
    public var action: JSON?
    /// What a `response` must look like.
    public var responseSchema: JSON?
    /// The verbs that may be used; never empty.
    public var allowed: [Verb]
    /// The subjects who may decide; with `roles` both empty: every reviewer.
    public var users: [String]
    /// The roles that may decide.
    public var roles: Set<Role>
    /// Whether only the holder of the claim may decide.
    public var requiresClaim: Bool
    /// When an answer is no longer taken.
    public var expiresAt: Timestamp?

    /// Creates the value.
    public init(
        kind: PromptKind,
        title: String,
        message: String,
        shown: JSON,
        action: JSON? = nil,
        responseSchema: JSON? = nil,
        allowed: [Verb],
        users: [String] = [],
        roles: Set<Role> = [.reviewer],
        requiresClaim: Bool = false,
        expiresAt: Timestamp? = nil
    ) {
        self.kind = kind
        self.title = title
        self.message = message
        self.shown = shown
        self.action = action
        self.responseSchema = responseSchema
        self.allowed = allowed
        self.users = users
        self.roles = roles
        self.requiresClaim = requiresClaim
        self.expiresAt = expiresAt
    }
}

/// A durable question from an agent to people.
public struct Prompt: Sendable, Equatable {
    /// The prompt's id; also the effect key of the action it approves.
    public let id: PromptID
    /// Whose question it is.
    public let flow: FlowID
    /// The run that ended with it.
    public let run: RunID?
    /// The step that asked.
    public let step: String
    /// Which draft of that step's question this is, from 1.
    public let attempt: Int
    /// What is asked.
    public let draft: PromptDraft
    /// `sha256:` and the hex SHA-256 of the canonical form of what is shown and the proposed action.
    public let shownDigest: String
    /// Where it stands.
    public var status: PromptStatus
    /// Grows with every change; a decision is conditional on it.
    public var version: Int
    /// Who has it in hand.
    public var claim: PromptClaim?
    /// The newer prompt that took its place.
    public var supersededBy: PromptID?
    /// The answer.
    public var outcome: PromptOutcome?
    /// Who asked (`sub`, or `system:engine`).
    public let createdBy: String
    /// When it was asked.
    public let createdAt: Timestamp

    /// Creates the value.
    public init(
        id: PromptID,
        flow: FlowID,
        run: RunID?,
        step: String,
        attempt: Int,
        draft: PromptDraft,
        shownDigest: String,
        status: PromptStatus = .open,
        version: Int = 1,
        claim: PromptClaim? = nil,
        supersededBy: PromptID? = nil,
        outcome: PromptOutcome? = nil,
        createdBy: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.flow = flow
        self.run = run
        self.step = step
        self.attempt = attempt
        self.draft = draft
        self.shownDigest = shownDigest
        self.status = status
        self.version = version
        self.claim = claim
        self.supersededBy = supersededBy
        self.outcome = outcome
        self.createdBy = createdBy
        self.createdAt = createdAt
    }

    /// Whether this caller is among those who may decide, leaving claims aside.
    public func mayBeDecided(by principal: Principal) -> Bool {
        draft.users.contains(principal.subject)
            || principal.hasRole(in: draft.users.isEmpty && draft.roles.isEmpty ? [.reviewer] : draft.roles)
    }
}
