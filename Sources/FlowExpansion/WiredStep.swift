internal import FlowRules
internal import SwiftSyntax

/// A step with what its trigger stands for among the others.
struct WiredStep {
    let step: StepDeclaration
    let condition: StepCondition?
    /// What its method gets behind the context: one for each parameter.
    let inputs: [StepInput]

    /// Looks up what the method gets of other steps, and says where that is not what it takes.
    ///
    /// It takes nothing, or what there is: the results of the steps it listens to, in order.
    init(
        _ step: StepDeclaration,
        _ condition: StepCondition?,
        among steps: [String: StepDeclaration],
        _ findings: inout Findings
    ) {
        self.step = step
        self.condition = condition
        let offered = condition.map { StepInput.all(of: $0, among: steps) } ?? []
        inputs = step.inputs.isEmpty ? [] : offered
        let parameters = step.inputs
        let isKnown = condition?.steps.allSatisfy { steps[$0] != nil } ?? true
        guard isKnown, !parameters.isEmpty, parameters.count != offered.count else { return }
        let node = parameters.count > offered.count ? Syntax(parameters[offered.count]) : Syntax(step.function.name)
        findings.error("inputs", at: node, Self.text(step, offered, among: steps))
    }

    private static func text(_ step: StepDeclaration, _ offered: [StepInput], among steps: [String: StepDeclaration])
        -> String
    {
        let name = step.function.name.text
        guard step.kind != .start else { return "\(name) begins by itself: it takes the context only" }
        let other = "another step's result is read by context.result(of: Steps.…)"
        guard !offered.isEmpty else {
            return "what \(name) listens to has no result to take, so it takes the context only: \(other)"
        }
        let types = offered.map { ", _: \($0.output(among: steps) ?? "Void")" }.joined()
        return "\(name) takes (_ context: Context) or (_ context: Context\(types)), by what it listens to: \(other)"
    }
}

/// What a step's method gets of other steps.
enum StepInput {
    /// The result of a step.
    case result(String)
    /// The result of the step that came first.
    case first([String])

    /// The results that a condition comes with: none for labels, for steps that return nothing, and for an `any` in which
    /// not every part is a step.
    static func all(of condition: StepCondition, among steps: [String: StepDeclaration]) -> [StepInput] {
        switch condition {
        case .step(let name): steps[name]?.output == nil ? [] : [.result(name)]
        case .label: []
        case .all(let parts): parts.flatMap { all(of: $0, among: steps) }
        case .any(let parts):
            parts.allSatisfy { all(of: $0, among: steps).count == 1 && $0.isStep } ? [.first(condition.steps)] : []
        }
    }

    /// The input's type, in Swift.
    func output(among steps: [String: StepDeclaration]) -> String? {
        switch self {
        case .result(let name): steps[name]?.output
        case .first(let names): names.first.flatMap { steps[$0]?.output }
        }
    }
}

extension StepCondition {
    fileprivate var isStep: Bool {
        if case .step = self { true } else { false }
    }
}
