internal import SwiftDiagnostics
internal import SwiftSyntax
internal import SwiftSyntaxBuilder

/// A method with a step's attribute.
struct StepDeclaration {
    let function: FunctionDeclSyntax
    let kind: StepKind
    let attribute: AttributeSyntax
    /// The step's name: the method's, unless the attribute gives another.
    let name: String
    /// What it listens to; nil for a start, and for what cannot be read.
    let trigger: Trigger?
    /// What a router may return.
    let labels: [ExprSyntax]
    let policy: ExprSyntax?
    let check: ExprSyntax?
    /// Whether all of the attribute could be read: without that nothing can be said about the flow as a whole.
    let isReadable: Bool

    /// Nil when it is no step.
    init?(_ function: FunctionDeclSyntax, _ findings: inout Findings) {
        let attributes = function.stepAttributes
        guard let first = attributes.first else { return nil }
        self.function = function
        kind = first.kind
        attribute = first.syntax
        policy = attribute.argument("policy")
        check = attribute.argument("check")
        for other in attributes.dropFirst() { Self.refuse(other, beside: first, on: function, &findings) }
        let found = findings.diagnostics.count
        let given = attribute.labeled.first { $0.label?.text == "name" }?.expression
        if let given, given.plainText == nil {
            findings.error(
                "unreadableName",
                at: given,
                "a step's name is a string literal: the compiler has to read it"
            )
        }
        name = given?.plainText ?? function.name.identifier?.name ?? function.name.text
        trigger = Self.trigger(of: first, &findings)
        labels = kind == .router ? Self.labels(of: attribute, &findings) : []
        isReadable = findings.diagnostics.count == found && (trigger == nil) == (kind == .start)
        checkDeclaration(&findings)
    }

    /// Where to say what is wrong with the name.
    var nameNode: Syntax {
        attribute.labeled.first { $0.label?.text == "name" }.map { Syntax($0.expression) } ?? Syntax(function.name)
    }

    /// What the method returns; nil when it returns nothing.
    var result: TypeSyntax? {
        guard let type = function.signature.returnClause?.type.trimmed, !type.isVoid else { return nil }
        return type
    }

    /// What its listeners get, in Swift; nil when they get nothing.
    var output: String? {
        switch kind {
        case .start, .listen, .race: result?.description
        case .router: "String"
        case .ask: "PromptAnswer"
        }
    }

    /// The parameters behind the context.
    var inputs: [FunctionParameterSyntax] { Array(function.signature.parameterClause.parameters.dropFirst()) }

    /// Whether its policy says how often it may run, or is no literal, so that only the process that makes the definition
    /// can tell.
    var mayBeBounded: Bool {
        guard let policy else { return false }
        guard let call = policy.as(FunctionCallExprSyntax.self) else { return policy.simpleName != "standard" }
        guard ["StepPolicy", "init"].contains(call.calledExpression.simpleName) else { return true }
        let rounds = call.arguments.first { $0.label?.text == "rounds" }?.expression
        return rounds.map { !$0.is(NilLiteralExprSyntax.self) } ?? false
    }

    private static func refuse(
        _ other: StepAttribute,
        beside first: StepAttribute,
        on function: FunctionDeclSyntax,
        _ findings: inout Findings
    ) {
        let rest = function.attributes.filter { $0.id != other.syntax.id }
        findings.error(
            "twoAttributes",
            at: other.syntax,
            "\(function.name.text) is a step already: a method is one step",
            notes: [Note(first.syntax, "it is one by @\(first.kind.rawValue)")],
            fixes: [.replace(function.attributes, by: rest, "remove @\(other.kind.rawValue)")]
        )
    }

    private static func trigger(of attribute: StepAttribute, _ findings: inout Findings) -> Trigger? {
        let expressions = attribute.syntax.labeled.filter { $0.label == nil }.map(\.expression)
        switch attribute.kind {
        case .start:
            return nil
        case .race:
            let parts = expressions.compactMap { Trigger($0, &findings) }
            guard parts.count == expressions.count else { return nil }
            if parts.count < 2 {
                findings.error("lonelyRace", at: attribute.syntax, "a race is between two steps at least")
            }
            for name in Trigger.any(parts).names where name.namespace == .label {
                findings.error(
                    "raceOfLabels",
                    at: name.expression,
                    "a race is between steps: a label cannot be skipped"
                )
            }
            return .any(parts)
        case .listen, .router, .ask:
            guard expressions.count > 1 else { return expressions.first.flatMap { Trigger($0, &findings) } }
            let list = expressions.map(\.trimmedDescription).joined(separator: ", ")
            findings.error(
                "severalTriggers",
                at: expressions[1],
                "a step listens to one thing: say .all(\(list)) to wait for all of it, or .any(\(list)) for the first"
            )
            return nil
        }
    }

    private static func labels(of attribute: AttributeSyntax, _ findings: inout Findings) -> [ExprSyntax] {
        guard let argument = attribute.labeled.first(where: { $0.label?.text == "labels" })?.expression else {
            return []
        }
        guard let array = argument.as(ArrayExprSyntax.self),
            array.elements.allSatisfy({ $0.expression.plainText != nil })
        else {
            findings.error(
                "unreadableLabels",
                at: argument,
                "a router's labels are written out as string literals: the compiler has to read them"
            )
            return []
        }
        if array.elements.isEmpty {
            findings.error("noLabels", at: argument, "a router needs the labels that it may return")
        }
        return array.elements.map(\.expression)
    }
}
