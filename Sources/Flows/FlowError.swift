/// What is wrong with a flow's definition, its input, or a command on it.
public enum FlowError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two steps have one name.
    case duplicateStep(String)
    /// Two definitions have one type.
    case duplicateType(String)
    /// A step waits for one that does not exist.
    case unknownStep(listener: String, step: String)
    /// A step waits for a label that no router declares.
    case undeclaredListener(listener: String, label: String)
    /// A router declares a label nobody listens to.
    case unheardLabel(router: String, label: String)
    /// The flow has no start.
    case noStart
    /// A router returned a label it did not declare.
    case undeclaredLabel(step: String, label: String)
    /// A step's input is not in the journal.
    case missingResult(step: String)
    /// No such type is registered here.
    case unknownType(String)
    /// The input is not what the type wants; says where and why.
    case invalidInput(pointer: String, message: String)
    /// The state does not have the form of the type's state.
    case invalidState(String)
    /// A step asked something that may not be asked.
    case invalidPrompt(step: String, reason: String)
    /// The flow is driven by its own steps, not from outside.
    case nativeFlow
    /// The flow is not in a state in which this can be done.
    case notPossible(status: String, action: String)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .duplicateStep(let name): "two steps are named \(name)"
        case .duplicateType(let type): "two flow types are named \(type)"
        case .unknownStep(let listener, let step): "step \(listener) waits for \(step), which does not exist"
        case .undeclaredListener(let listener, let label):
            "step \(listener) waits for label \(label), which no router declares"
        case .unheardLabel(let router, let label): "router \(router) declares label \(label), which nobody listens to"
        case .noStart: "the flow has no start"
        case .undeclaredLabel(let step, let label): "router \(step) returned \(label), which it did not declare"
        case .missingResult(let step): "the result of step \(step) is missing in the journal"
        case .unknownType(let type): "flow type \(type) is not registered"
        case .invalidInput(let pointer, let message): "\(pointer) \(message)"
        case .invalidState(let reason): "the state does not have the form of its type: \(reason)"
        case .invalidPrompt(let step, let reason): "step \(step) asked something that may not be asked: \(reason)"
        case .nativeFlow: "this flow is driven by its own steps"
        case .notPossible(let status, let action): "a flow that is \(status) cannot be \(action)"
        }
    }
}
