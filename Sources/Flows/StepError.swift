/// What a step did wrong, or what is wrong with its journal.
public enum StepError: LastingError, Equatable, CustomStringConvertible {
    /// A router returned a label it did not declare.
    case undeclaredLabel(step: String, label: String)
    /// A step's input is not in the journal.
    case missingResult(step: String)
    /// A step asked something that may not be asked.
    case invalidPrompt(step: String, reason: String)
    /// A step was to run more often than it may.
    case tooManyRounds(step: String, limit: Int)
    /// A step was begun again and again and never came to an end: its process died each time.
    case diedTooOften(step: String, attempts: Int)
    /// A step took longer than it may.
    case timedOut(step: String, limit: Duration)
    /// What a step left, or what one of its effects came to, is larger than it may be.
    case resultTooLarge(step: String, bytes: Int, limit: Int)
    /// The steps of the version under which the flow began are not those of today.
    case definitionChanged(type: String, version: Int, difference: String)
    /// The journal of a step does not fit what the step does now.
    case journalMismatch(step: String, effect: String, reason: String)
    /// A step went on although it has to wait.
    case suspensionIgnored(step: String)
    /// A step may emit only what stands by itself.
    case invalidEvent(step: String, reason: String)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .undeclaredLabel(let step, let label): "router \(step) returned \(label), which it did not declare"
        case .missingResult(let step): "the result of step \(step) is missing in the journal"
        case .invalidPrompt(let step, let reason): "step \(step) asked something that may not be asked: \(reason)"
        case .tooManyRounds(let step, let limit): "step \(step) was to run more than \(limit) times"
        case .diedTooOften(let step, let attempts):
            "step \(step) was begun \(attempts) times and its process died each time"
        case .timedOut(let step, let limit): "step \(step) took longer than \(limit)"
        case .resultTooLarge(let step, let bytes, let limit):
            "step \(step) left \(bytes) bytes, and may leave \(limit)"
        case .definitionChanged(let type, let version, let difference):
            "version \(version) of flow type \(type) is not what it was when this flow began (\(difference)). Register the changed steps as another version and this version as it was beside it, and retry the flow; or fork it"
        case .journalMismatch(let step, let effect, let reason):
            "the journal of step \(step) does not fit what it does now: \(effect) \(reason). Give the step another name, or its flow type another version"
        case .suspensionIgnored(let step):
            "step \(step) went on although it has to wait: it must not catch the error by which it waits"
        case .invalidEvent(let step, let reason): "step \(step) emitted an event that it may not emit: \(reason)"
        }
    }
}
