import Domain
import JSON

/// What follows from a commit of the engine.
struct FlowTurn: Sendable {
    /// Attempts to run.
    var starts: [StepStart] = []
    /// Steps whose bodies are to be stopped.
    var stops: [StepKey] = []
    /// When something of the flow goes on by itself.
    var due: Timestamp?
    /// How often something had been announced when what that may be was looked at for this; nil when it was not.
    var seen: Int64?
    /// Whether the lease was given back.
    var isOver = false
}

/// An attempt that is to be run: its row in the journal says that it runs.
struct StepStart: Sendable {
    let node: FlowNode
    let key: StepKey
    let iteration: Int
    let attempt: Int
    let failures: Int
    /// The flow as it was then.
    let flow: Flow
    /// The ends of other steps that it was begun by.
    let causes: [StepKey]
    /// What it may read of other steps.
    let results: [String: JSON]
    /// What it did in this round before.
    let effects: [EffectRecord]
}

/// Another process took the flow over: whatever this one still does must leave no trace.
struct FlowLost: Error {}

/// The attempt does not count any more: the flow has ended, or somebody else was first. What it still does must leave no trace.
struct AttemptLost: Error {}

/// Nobody would act on an answer to these prompts any more: they have to be retracted first.
struct PromptsAreOpen: Error {
    let prompts: [PromptID]
}
