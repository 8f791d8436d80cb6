public import JSON

/// What a person sends to answer a prompt.
public struct Decision: Sendable, Equatable {
    /// The answer's kind.
    public let verb: Verb
    /// What was filled in.
    public let response: JSON?
    /// A full replacement of the proposed arguments, for `edit` of a tool call.
    public let arguments: JSON?
    /// Why, in words.
    public let reason: String?
    /// The digest of what the person saw.
    public let shownDigest: String
    /// The version the person saw, if only that one may be decided.
    public let version: Int?
    /// Makes a repetition of this decision harmless.
    public let idempotencyKey: String

    /// Creates the value.
    public init(
        verb: Verb,
        response: JSON?,
        arguments: JSON?,
        reason: String?,
        shownDigest: String,
        version: Int?,
        idempotencyKey: String
    ) {
        self.verb = verb
        self.response = response
        self.arguments = arguments
        self.reason = reason
        self.shownDigest = shownDigest
        self.version = version
        self.idempotencyKey = idempotencyKey
    }
}

/// An accepted decision as it is kept: the proof behind a repeated key.
public struct DecisionRecord: Sendable, Equatable {
    /// The prompt.
    public let prompt: PromptID
    /// The key the person's client chose.
    public let idempotencyKey: String
    /// SHA-256 (hex) of the canonical body, to tell a repetition from another decision under the same key.
    public let bodyDigest: String
    /// Who decided.
    public let by: String
    /// The answer that was given, given again to a repetition.
    public let answer: JSON
    /// When.
    public let at: Timestamp

    /// Creates the value.
    public init(prompt: PromptID, idempotencyKey: String, bodyDigest: String, by: String, answer: JSON, at: Timestamp) {
        self.prompt = prompt
        self.idempotencyKey = idempotencyKey
        self.bodyDigest = bodyDigest
        self.by = by
        self.answer = answer
        self.at = at
    }
}
