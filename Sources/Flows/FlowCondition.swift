import FlowRules

/// What must have happened before a step begins.
///
/// Each time it has happened is a *round* of the step: `all` counts with each of its parts, the first time of each with the
/// first time of the others; `any` counts once for each time the flow has gone back, with whichever of its parts came first.
public indirect enum FlowCondition: Sendable, Hashable {
    /// A step is done.
    case step(String)
    /// A router has returned a label.
    case label(String)
    /// All of it has happened (`and`).
    case all([FlowCondition])
    /// Some of it has happened (`or`).
    case any([FlowCondition])

    /// A step is done.
    public static func done<Output>(_ step: Step<Output>) -> FlowCondition { .step(step.name) }

    /// Two conditions.
    public static func && (left: FlowCondition, right: FlowCondition) -> FlowCondition { .all([left, right]) }

    /// Either of two conditions.
    public static func || (left: FlowCondition, right: FlowCondition) -> FlowCondition { .any([left, right]) }

    /// The steps it names.
    var steps: [String] {
        switch self {
        case .step(let name): [name]
        case .label: []
        case .all(let parts), .any(let parts): parts.flatMap(\.steps)
        }
    }

    /// The labels it names.
    var labels: [String] {
        switch self {
        case .step: []
        case .label(let text): [text]
        case .all(let parts), .any(let parts): parts.flatMap(\.labels)
        }
    }

    /// As the rules see it.
    var outline: StepCondition {
        switch self {
        case .step(let name): .step(name)
        case .label(let text): .label(text)
        case .all(let parts): .all(parts.map(\.outline))
        case .any(let parts): .any(parts.map(\.outline))
        }
    }
}
