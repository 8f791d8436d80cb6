import FlowRules

/// Why steps do not fit together to a flow type. Found when the definition is made, before anything runs.
public enum FlowDefinitionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two steps have one name.
    case duplicateStep(String)
    /// Two definitions have one type.
    case duplicateType(String)
    /// A step's name is empty, too long, or has a character that it must not have.
    case invalidStepName(String)
    /// A step waits for one that does not exist.
    case unknownStep(listener: String, step: String)
    /// A step waits for a label that no router declares.
    case undeclaredListener(listener: String, label: String)
    /// A router declares a label nobody listens to.
    case unheardLabel(router: String, label: String)
    /// The flow has no start.
    case noStart
    /// What a step waits for never happens.
    case neverRuns(String)
    /// Steps follow each other in a circle, and none of them says how often it may run.
    case unboundedCycle([String])

    /// One sentence for people.
    public var description: String {
        switch self {
        case .duplicateStep(let name): "two steps are named \(name)"
        case .duplicateType(let type): "two flow types are named \(type)"
        case .invalidStepName(let name):
            "a step cannot be named \(name.debugDescription): 1 to \(StepName.maximumBytes) bytes, no slash, no control character"
        case .unknownStep(let listener, let step): "step \(listener) waits for \(step), which does not exist"
        case .undeclaredListener(let listener, let label):
            "step \(listener) waits for label \(label), which no router declares"
        case .unheardLabel(let router, let label): "router \(router) declares label \(label), which nobody listens to"
        case .noStart: "the flow has no start"
        case .neverRuns(let step): "what step \(step) waits for never happens"
        case .unboundedCycle(let steps):
            "the steps \(steps.joined(separator: ", ")) follow each other in a circle: one of them must say how many rounds it may run"
        }
    }

    init(_ fault: FlowFault, in nodes: [FlowNode]) {
        self =
            switch fault {
            case .invalidName(let step): .invalidStepName(nodes[step].name)
            case .duplicateStep(let step, _): .duplicateStep(nodes[step].name)
            case .noStart: .noStart
            case .unknownStep(let listener, let step): .unknownStep(listener: nodes[listener].name, step: step)
            case .undeclaredLabel(let listener, let label):
                .undeclaredListener(listener: nodes[listener].name, label: label)
            case .unheardLabel(let router, let label): .unheardLabel(router: nodes[router].name, label: label)
            case .neverRuns(let step): .neverRuns(nodes[step].name)
            case .unboundedCycle(let steps): .unboundedCycle(steps.map { nodes[$0].name })
            }
    }
}
