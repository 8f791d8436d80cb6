internal import SwiftDiagnostics
internal import SwiftSyntax
internal import SwiftSyntaxBuilder

extension StepDeclaration {
    /// Checks what can be seen of the method by itself.
    func checkDeclaration(_ findings: inout Findings) {
        checkModifiers(&findings)
        checkContext(&findings)
        checkResult(&findings)
        for parameter in function.signature.parameterClause.parameters where parameter.isSpecial {
            findings.error(
                "specialParameter",
                at: parameter,
                "a step gets values: no parameter of it is inout, variadic or a pack"
            )
        }
    }

    /// Whether a type is that of a step's context.
    private static func isContext(_ type: TypeSyntax) -> Bool {
        type.simpleName == "Context" || type.simpleName == "StepContext"
    }

    private func checkModifiers(_ findings: inout Findings) {
        let reasons: [(Keyword, String)] = [
            (.static, "a step is a method of the flow's value, not of its type"),
            (
                .mutating,
                "a step cannot change the flow's value, which all flows of the type share: change the state, by context.stage"
            ),
            (.consuming, "a step cannot use up the flow's value, which all flows of the type share"),
        ]
        for (keyword, reason) in reasons {
            guard let modifier = function.modifiers.first(where: { $0.name.tokenKind == .keyword(keyword) }) else {
                continue
            }
            let fix = FixIt.remove(
                modifier,
                of: function.modifiers,
                before: function.funcKeyword,
                as: .keyword(.func),
                "remove \(modifier.name.text)"
            )
            findings.error(
                "modifier",
                at: modifier,
                reason,
                fixes: [fix]
            )
        }
        if let generics = function.genericParameterClause {
            findings.error(
                "genericStep",
                at: generics,
                "a step cannot be generic: its result is read back from the journal as one type"
            )
        }
    }

    private func checkContext(_ findings: inout Findings) {
        let clause = function.signature.parameterClause
        let text = "\(function.name.text) needs the step's context as its first parameter"
        guard let first = clause.parameters.first else {
            let parameter: FunctionParameterSyntax = "_ context: Context"
            findings.error(
                "noContext",
                at: clause,
                text,
                fixes: [.replace(clause, by: clause.with(\.parameters, [parameter]), "add _ context: Context")]
            )
            return
        }
        guard !Self.isContext(first.type) else { return }
        let parameter: FunctionParameterSyntax = "_ context: Context, "
        let parameters = FunctionParameterListSyntax([parameter] + Array(clause.parameters))
        findings.error(
            "noContext",
            at: first,
            text,
            fixes: [.replace(clause.parameters, by: parameters, "add _ context: Context")]
        )
    }

    private func checkResult(_ findings: inout Findings) {
        if let expected = kind.returns, result?.simpleName != expected {
            let node = function.signature.returnClause.map { Syntax($0.type) } ?? Syntax(function.name)
            let reason = kind == .router ? "one of its labels" : "what it asks"
            findings.error(
                "result",
                at: node,
                "@\(kind.rawValue) is for methods that return \(reason), as a \(expected)"
            )
        } else if let tuple = result?.as(TupleTypeSyntax.self), tuple.elements.count > 1 {
            findings.error("result", at: tuple, "a tuple cannot be kept in the journal: return a Codable struct")
        }
    }
}

extension FunctionParameterSyntax {
    fileprivate var isSpecial: Bool {
        if ellipsis != nil || type.is(PackExpansionTypeSyntax.self) { return true }
        guard let type = self.type.as(AttributedTypeSyntax.self) else { return false }
        return type.specifiers.contains {
            $0.as(SimpleTypeSpecifierSyntax.self)?.specifier.tokenKind == .keyword(.inout)
        }
    }
}
