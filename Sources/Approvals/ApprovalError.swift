// Approvals: what people may decide, and that it is decided exactly once.
//
// What it is for: making prompts, claiming them and deciding them by the rules of the project. It must never know over
// which wire a decision came, nor what the flow does with it.

public import Domain

/// One reason why a decision or a prompt is not valid, with where it is.
public struct Violation: Sendable, Equatable {
    /// Where, as a JSON pointer into what was sent.
    public let pointer: String
    /// What is wrong, in words.
    public let message: String

    /// Creates the value.
    public init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }
}

/// Why a prompt could not be made, claimed or decided. Nothing has changed then.
public enum ApprovalError: Error, Sendable, Equatable {
    /// No such prompt in this tenant, or the flow that would ask is not there.
    case notFound
    /// The caller may not do this.
    case forbidden
    /// What was sent breaks a rule or a schema; the prompt stays open.
    case invalid([Violation])
    /// Somebody was first.
    case alreadyDecided(Prompt)
    /// A newer prompt took its place.
    case stale(Prompt)
    /// What the person saw is not what is stored now.
    case changed(Prompt)
    /// Somebody else has it in hand.
    case claimed(Prompt)
    /// Its time ran out.
    case expired(Prompt)
    /// Its flow ended first.
    case cancelled(Prompt)
    /// The key was used for another decision.
    case idempotencyMismatch
    /// Only the holder of a claim may decide, and nobody holds one.
    case claimRequired(Prompt)
}
