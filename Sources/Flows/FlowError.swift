/// What is wrong with a command on a flow, or its input.
public enum FlowError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No such type is registered here.
    case unknownType(String)
    /// The input is not what the type wants; says where and why.
    case invalidInput(pointer: String, message: String)
    /// The state does not have the form of the type's state.
    case invalidState(String)
    /// The flow is driven by its own steps, not from outside.
    case nativeFlow
    /// The flow is not in a state in which this can be done.
    case notPossible(status: String, action: String)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .unknownType(let type): "flow type \(type) is not registered"
        case .invalidInput(let pointer, let message): "\(pointer) \(message)"
        case .invalidState(let reason): "the state does not have the form of its type: \(reason)"
        case .nativeFlow: "this flow is driven by its own steps"
        case .notPossible(let status, let action): "a flow that is \(status) cannot be \(action)"
        }
    }
}
