public import JSON

/// What a step did within its body and does not do again when the body is run again.
public struct EffectRecord: Sendable, Equatable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Something done outside.
        case run
        /// A question to people.
        case ask
        /// A wait until a time.
        case sleep
        /// A flow of its own.
        case flow
        /// Events for those who watch.
        case emit
    }

    /// The step, and its round.
    public let step: StepKey
    /// Unique within the step and round.
    public let name: String
    /// What it is.
    public let kind: Kind
    /// Whether it is over, so that the step may go on.
    public var isDone: Bool
    /// What came of it.
    public var result: JSON?
    /// For a wait: until when.
    public let dueAt: Timestamp?
    /// For a question: the prompt.
    public var prompt: PromptID?
    /// For a flow: its id.
    public let flow: FlowID?
    /// The position of the event that told its end.
    public var doneSeq: Int64?

    /// Creates the value.
    public init(
        step: StepKey,
        name: String,
        kind: Kind,
        isDone: Bool,
        result: JSON? = nil,
        dueAt: Timestamp? = nil,
        prompt: PromptID? = nil,
        flow: FlowID? = nil,
        doneSeq: Int64? = nil
    ) {
        self.step = step
        self.name = name
        self.kind = kind
        self.isDone = isDone
        self.result = result
        self.dueAt = dueAt
        self.prompt = prompt
        self.flow = flow
        self.doneSeq = doneSeq
    }
}
