/// What is wrong with the steps of a flow type. Steps are given by their places in the definition, as names may be what is
/// wrong.
public enum FlowFault: Sendable, Hashable {
    /// A name that no step may have: see ``StepName``.
    case invalidName(step: Int)
    /// Two steps have one name.
    case duplicateStep(step: Int, first: Int)
    /// No step begins by itself.
    case noStart
    /// A step waits for one that does not exist.
    case unknownStep(listener: Int, step: String)
    /// A step waits for a label that no router declares.
    case undeclaredLabel(listener: Int, label: String)
    /// A router declares a label nobody listens to.
    case unheardLabel(router: Int, label: String)
    /// What a step waits for never happens, whatever the routers say.
    case neverRuns(step: Int)
    /// Steps follow each other in a circle, and none of them says how often it may run.
    case unboundedCycle([Int])

    /// All that is wrong, in the order in which it is best put right: what follows from other faults is left out.
    public static func all(in steps: [StepOutline]) -> [FlowFault] {
        let named = names(steps)
        guard named.isEmpty else { return named }
        guard steps.contains(where: { $0.condition == nil }) else { return [.noStart] }
        let referred = references(steps)
        guard referred.isEmpty else { return referred }
        let stuck = FlowWays(steps).stuck.map { neverRuns(step: $0) }
        guard stuck.isEmpty else { return stuck }
        return FlowWays(steps).unboundedCycle.map { [.unboundedCycle($0)] } ?? []
    }

    private static func names(_ steps: [StepOutline]) -> [FlowFault] {
        var first: [String: Int] = [:]
        return steps.enumerated().compactMap { index, step in
            guard StepName.isValid(step.name) else { return .invalidName(step: index) }
            defer { first[step.name] = first[step.name] ?? index }
            return first[step.name].map { .duplicateStep(step: index, first: $0) }
        }
    }

    private static func references(_ steps: [StepOutline]) -> [FlowFault] {
        let names = Set(steps.map(\.name))
        let declared = Set(steps.flatMap(\.labels))
        let heard = Set(steps.flatMap { $0.condition?.labels ?? [] })
        let listening = steps.enumerated().flatMap { index, step in
            (step.condition?.steps ?? []).filter { !names.contains($0) }.map { unknownStep(listener: index, step: $0) }
                + (step.condition?.labels ?? []).filter { !declared.contains($0) }
                .map { undeclaredLabel(listener: index, label: $0) }
        }
        let routing = steps.enumerated().flatMap { index, step in
            step.labels.filter { !heard.contains($0) }.map { unheardLabel(router: index, label: $0) }
        }
        return listening + routing
    }
}

/// What a step may be called.
public enum StepName {
    /// The longest name, in bytes.
    public static let maximumBytes = 100

    /// Whether it has 1 to ``maximumBytes`` bytes, no slash, which parts a step's name from what it asks, and no control
    /// character.
    public static func isValid(_ name: String) -> Bool {
        (1...maximumBytes).contains(name.utf8.count) && !name.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "/") }
    }
}
