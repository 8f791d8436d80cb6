internal import FlowRules
internal import SwiftDiagnostics
internal import SwiftSyntax
internal import SwiftSyntaxBuilder

/// The names of a flow: steps and labels are separate namespaces.
struct FlowNames {
    /// The steps by name; of two with one name the first.
    let steps: [String: StepDeclaration]
    let labels: Set<String>

    init(_ steps: [StepDeclaration]) {
        self.steps = Dictionary(steps.map { ($0.name, $0) }) { first, _ in first }
        labels = Set(steps.flatMap { $0.labels.compactMap(\.plainText) })
    }

    /// Whether there is what the name says.
    func knows(_ name: Trigger.Name) -> Bool {
        switch name.namespace {
        case .either: steps[name.text] != nil || labels.contains(name.text)
        case .step: steps[name.text] != nil
        case .label: labels.contains(name.text)
        }
    }

    /// What a trigger stands for; says where a name could be both.
    func condition(_ trigger: Trigger, of listener: StepDeclaration, _ findings: inout Findings) -> StepCondition {
        switch trigger {
        case .all(let parts): return .all(parts.map { condition($0, of: listener, &findings) })
        case .any(let parts): return .any(parts.map { condition($0, of: listener, &findings) })
        case .name(let name):
            switch name.namespace {
            case .step: return .step(name.text)
            case .label: return .label(name.text)
            case .either where listener.kind == .race: return .step(name.text)
            case .either:
                let isLabel = labels.contains(name.text)
                if isLabel, steps[name.text] != nil { ask(which: name, &findings) }
                return isLabel ? .label(name.text) : .step(name.text)
            }
        }
    }

    private func ask(which name: Trigger.Name, _ findings: inout Findings) {
        findings.error(
            "ambiguousName",
            at: name.expression,
            "\(name.text) is both a step and a label: say which",
            fixes: ["step", "label"].map { word in
                .replace(name.expression, by: name.written(as: word), "listen to the \(word)")
            }
        )
    }

    /// Says what is wrong with a name that there is not.
    func explain(_ name: Trigger.Name, of listener: StepDeclaration, _ findings: inout Findings) {
        let isRace = listener.kind == .race
        let (what, names): (String, [String]) =
            switch name.namespace {
            case .either where !isRace: ("neither a step nor a label of this flow", Array(steps.keys) + Array(labels))
            case .either, .step: ("no step of this flow", Array(steps.keys))
            case .label: ("no label of this flow", Array(labels))
            }
        var text = "\(listener.name) listens to \(name.text), which is \(what)"
        var fixes: [FixIt] = []
        if name.namespace == .label, steps[name.text] != nil {
            text += ", but a step"
            fixes = [.replace(name.expression, by: name.written(as: "step"), "listen to the step")]
        } else if name.namespace == .step, labels.contains(name.text) {
            text += ", but a label"
            fixes = [.replace(name.expression, by: name.written(as: "label"), "listen to the label")]
        } else if let near = name.text.closest(of: names.filter { $0 != listener.name }) {
            text += ": did you mean \(near)?"
            let literal = ExprSyntax(StringLiteralExprSyntax(content: near))
            fixes = [.replace(name.literal, by: literal.withTrivia(of: name.literal), "replace it by \(near)")]
        }
        findings.error("unknownName", at: name.literal, text, fixes: fixes)
    }
}

extension Trigger.Name {
    /// The name with the word that says what it is.
    fileprivate func written(as word: String) -> ExprSyntax {
        ExprSyntax(".\(raw: word)(\(literal.trimmed))").withTrivia(of: expression)
    }
}

extension ExprSyntax {
    fileprivate func withTrivia(of other: ExprSyntax) -> ExprSyntax {
        with(\.leadingTrivia, other.leadingTrivia).with(\.trailingTrivia, other.trailingTrivia)
    }
}
