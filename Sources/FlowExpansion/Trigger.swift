internal import SwiftSyntax

/// What a step listens to, as its attribute writes it.
indirect enum Trigger {
    /// A step or a label.
    case name(Name)
    /// All of it.
    case all([Trigger])
    /// The first of it.
    case any([Trigger])

    /// A step or a label that a trigger names.
    struct Name {
        enum Namespace {
            case either
            case step
            case label
        }

        let text: String
        let namespace: Namespace
        let literal: ExprSyntax
        /// The literal with the word around it that says what it is.
        let expression: ExprSyntax
    }

    /// All that it names, in order.
    var names: [Name] {
        switch self {
        case .name(let name): [name]
        case .all(let parts), .any(let parts): parts.flatMap(\.names)
        }
    }

    /// Reads an expression: the macro sees how it is written, not what it would be.
    init?(_ expression: ExprSyntax, _ findings: inout Findings) {
        if let text = expression.plainText {
            self = .name(Name(text: text, namespace: .either, literal: expression, expression: expression))
            return
        }
        guard let call = expression.as(FunctionCallExprSyntax.self), let word = call.calledExpression.simpleName,
            ["step", "label", "all", "any"].contains(word)
        else {
            findings.error(
                "unreadableTrigger",
                at: expression,
                "what a step listens to is written out, with string literals in .step, .label, .all and .any: the compiler has to read it"
            )
            return nil
        }
        let arguments = call.arguments.map(\.expression)
        switch word {
        case "step", "label":
            guard let literal = arguments.first, arguments.count == 1, let text = literal.plainText else {
                findings.error("unreadableTrigger", at: expression, ".\(word) names one \(word) by a string literal")
                return nil
            }
            let namespace: Name.Namespace = word == "step" ? .step : .label
            self = .name(Name(text: text, namespace: namespace, literal: literal, expression: expression))
        default:
            guard !arguments.isEmpty else {
                findings.error(
                    "emptyTrigger",
                    at: expression,
                    ".\(word) names nothing: what listens to it would never run"
                )
                return nil
            }
            let parts = arguments.compactMap { Trigger($0, &findings) }
            guard parts.count == arguments.count else { return nil }
            self = word == "all" ? .all(parts) : .any(parts)
        }
    }
}
