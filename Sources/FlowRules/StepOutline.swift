// FlowRules: what must hold of the steps of a flow type.
//
// What it is for: the rules by which both the compiler (through the macros) and a starting process judge a definition, so
// that they never say different things. It must never know Swift's syntax, nor what a step does.

/// A step as the rules see it.
public struct StepOutline: Sendable, Hashable {
    /// The step's name.
    public let name: String
    /// What must have happened before it runs; nil for a start.
    public let condition: StepCondition?
    /// What it may return when it is a router.
    public let labels: [String]
    /// Whether it says how often it may run.
    public let isBounded: Bool

    /// Creates the outline.
    public init(name: String, condition: StepCondition?, labels: [String] = [], isBounded: Bool = false) {
        self.name = name
        self.condition = condition
        self.labels = labels
        self.isBounded = isBounded
    }
}

/// What must have happened before a step runs.
public indirect enum StepCondition: Sendable, Hashable {
    /// A step is done.
    case step(String)
    /// A router has returned a label.
    case label(String)
    /// All of it has happened.
    case all([StepCondition])
    /// Some of it has happened.
    case any([StepCondition])

    /// The steps it names.
    public var steps: [String] {
        switch self {
        case .step(let name): [name]
        case .label: []
        case .all(let parts), .any(let parts): parts.flatMap(\.steps)
        }
    }

    /// The labels it names.
    public var labels: [String] {
        switch self {
        case .step: []
        case .label(let text): [text]
        case .all(let parts), .any(let parts): parts.flatMap(\.labels)
        }
    }

    /// Whether it can be met when only these steps run and only these labels are returned.
    func canBeMet(by running: Set<String>, _ returned: Set<String>) -> Bool {
        switch self {
        case .step(let name): running.contains(name)
        case .label(let text): returned.contains(text)
        case .all(let parts): !parts.isEmpty && parts.allSatisfy { $0.canBeMet(by: running, returned) }
        case .any(let parts): parts.contains { $0.canBeMet(by: running, returned) }
        }
    }
}
