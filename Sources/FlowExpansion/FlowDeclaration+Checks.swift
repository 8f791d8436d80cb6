internal import FlowRules
internal import SwiftDiagnostics
internal import SwiftSyntax
internal import SwiftSyntaxBuilder

extension FlowDeclaration {
    /// Checks that the steps fit together.
    /// - Returns: the steps with what they wait for; without meaning when something was found.
    @discardableResult
    func check(_ findings: inout Findings) -> [WiredStep] {
        let names = FlowNames(steps)
        let found = findings.diagnostics.count
        let conditions = steps.map { step in step.trigger.map { names.condition($0, of: step, &findings) } }
        guard findings.diagnostics.count == found, steps.allSatisfy(\.isReadable) else { return [] }
        let outlines = zip(steps, conditions).map { step, condition in
            StepOutline(
                name: step.name,
                condition: condition,
                labels: step.labels.compactMap(\.plainText),
                isBounded: step.mayBeBounded
            )
        }
        for fault in FlowFault.all(in: outlines) { explain(fault, names, &findings) }
        return zip(steps, conditions).map { step, condition in
            WiredStep(step, condition, among: names.steps, &findings)
        }
    }

    private func explain(_ fault: FlowFault, _ names: FlowNames, _ findings: inout Findings) {
        switch fault {
        case .invalidName(let step):
            let limit = "1 to \(StepName.maximumBytes) bytes, no slash, no control character"
            findings.error("stepName", at: steps[step].nameNode, "a step cannot have this name: \(limit)")
        case .duplicateStep(let step, let first):
            findings.error(
                "duplicateStep",
                at: steps[step].nameNode,
                "two steps are named \(steps[step].name): give one of them another, by the attribute's name:",
                notes: [Note(steps[first].nameNode, "the first one is here")]
            )
        case .noStart:
            findings.error(
                "noStart",
                at: declaration.name,
                "\(name) has no start: put @Start on the step that it begins with"
            )
        case .unknownStep(let listener, let text), .undeclaredLabel(let listener, let text):
            for name in steps[listener].trigger?.names ?? [] where name.text == text && !names.knows(name) {
                names.explain(name, of: steps[listener], &findings)
            }
        case .unheardLabel(let router, let label):
            guard let node = steps[router].labels.first(where: { $0.plainText == label }) else { return }
            findings.error(
                "unheardLabel",
                at: node,
                "nobody listens to label \(label): give a step @Listen(\"\(label)\"), or leave the label out"
            )
        case .neverRuns(let step):
            findings.error(
                "neverRuns",
                at: steps[step].attribute,
                "\(steps[step].name) never runs: what it listens to cannot happen, whatever the routers say"
            )
        case .unboundedCycle(let cycle):
            explain(cycle: cycle.map { steps[$0] }, &findings)
        }
    }

    private func explain(cycle: [StepDeclaration], _ findings: inout Findings) {
        guard let first = cycle.first else { return }
        let way = (cycle + [first]).map(\.name).joined(separator: " → ")
        findings.error(
            "unboundedCycle",
            at: first.attribute,
            "the flow can go round for ever: \(way). One of these steps must say how often it may run",
            notes: cycle.dropFirst().map { Note($0.attribute, "\($0.name) is part of the circle") },
            fixes: first.withRounds.map {
                [.replace(first.attribute, by: $0, "let \(first.name) run at most 10 times in one flow")]
            } ?? []
        )
    }
}

extension StepDeclaration {
    /// The attribute with a bound; nil when its policy is not made to take one.
    fileprivate var withRounds: AttributeSyntax? {
        guard case .argumentList(var arguments) = attribute.arguments else { return nil }
        let rounds = LabeledExprSyntax(
            label: "rounds",
            colon: .colonToken(trailingTrivia: .space),
            expression: ExprSyntax("10")
        )
        if let index = arguments.firstIndex(where: { $0.label?.text == "policy" }) {
            guard var call = arguments[index].expression.as(FunctionCallExprSyntax.self) else { return nil }
            let others = call.arguments.filter { $0.label?.text != "rounds" }
            call.arguments = others.appending(rounds)
            arguments[index].expression = ExprSyntax(call)
        } else {
            arguments = arguments.appending(
                LabeledExprSyntax(
                    label: "policy",
                    colon: .colonToken(trailingTrivia: .space),
                    expression: ExprSyntax("StepPolicy(rounds: 10)")
                )
            )
        }
        return attribute.with(\.arguments, .argumentList(arguments))
    }
}

extension LabeledExprListSyntax {
    /// With another argument at the end.
    fileprivate func appending(_ argument: LabeledExprSyntax) -> LabeledExprListSyntax {
        guard let last = indices.last else { return [argument] }
        var list = self
        list[last].trailingComma = .commaToken(trailingTrivia: .space)
        return list + [argument]
    }
}
