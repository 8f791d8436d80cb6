internal import SwiftDiagnostics
internal import SwiftSyntax
internal import SwiftSyntaxBuilder

/// A struct with `@Flow`, as far as the macro has to know it.
struct FlowDeclaration {
    let declaration: StructDeclSyntax
    /// The name that clients start the type by, as it is written.
    let type: ExprSyntax
    let version: ExprSyntax?
    let onFailure: ExprSyntax?
    let steps: [StepDeclaration]
    /// Whether a state can be made of nothing.
    let hasBlankState: Bool

    /// What the struct is called.
    var name: String { declaration.name.trimmedDescription }

    /// Nil when there is too little to go on.
    init?(_ attribute: AttributeSyntax, on group: some DeclGroupSyntax, _ findings: inout Findings) {
        guard let declaration = group.as(StructDeclSyntax.self) else {
            Self.refuse(group, attribute, &findings)
            return nil
        }
        if let generics = declaration.genericParameterClause {
            findings.error(
                "genericFlow",
                at: generics,
                "a flow type cannot be generic: it is made without anyone to name its parameters"
            )
            return nil
        }
        guard let type = attribute.labeled.first(where: { $0.label == nil })?.expression,
            type.plainText?.isEmpty == false
        else {
            findings.error(
                "flowName",
                at: attribute,
                "@Flow needs the name that clients start the type by, as a string literal: @Flow(\"expenses\")"
            )
            return nil
        }
        guard declaration.isMadeOfNothing(canThrow: true) else {
            let node = declaration.storedWithoutValue.first.map { Syntax($0.pattern) } ?? Syntax(declaration.name)
            findings.error(
                "noInit",
                at: node,
                "\(declaration.name.text) is made once, by init(): declare one within it, or give a value to all that it stores"
            )
            return nil
        }
        guard let state = StateDeclaration(in: declaration) else {
            Self.askForState(declaration, &findings)
            return nil
        }
        self.declaration = declaration
        self.type = type.trimmed
        version = attribute.argument("version")
        onFailure = attribute.argument("onFailure")
        hasBlankState = state.isMadeOfNothing
        steps = declaration.memberBlock.members.compactMap { member in
            member.decl.as(FunctionDeclSyntax.self).flatMap { StepDeclaration($0, &findings) }
        }
        for member in declaration.memberBlock.members {
            guard let condition = member.decl.as(IfConfigDeclSyntax.self) else { continue }
            Self.refuseSteps(in: condition, &findings)
        }
    }

    private static func refuse(_ group: some DeclGroupSyntax, _ attribute: AttributeSyntax, _ findings: inout Findings)
    {
        let text = "@Flow belongs on a struct: it is made once, and what it stores is what its steps use"
        guard let declaration = group.as(ClassDeclSyntax.self) else {
            return findings.error("notAStruct", at: attribute, text)
        }
        let keyword = declaration.classKeyword
        let fix = FixIt.remove(
            // A struct cannot be final.
            declaration.modifiers.first { $0.name.tokenKind == .keyword(.final) },
            of: declaration.modifiers,
            before: keyword,
            as: .keyword(.struct),
            "make it a struct"
        )
        findings.error("notAStruct", at: keyword, text, fixes: [fix])
    }

    private static func askForState(_ declaration: StructDeclSyntax, _ findings: inout Findings) {
        let block = declaration.memberBlock
        let state: DeclSyntax = "\n    struct State: Codable, Sendable {}\n"
        let item = MemberBlockItemSyntax(decl: state)
        findings.error(
            "noState",
            at: declaration.name,
            "\(declaration.name.trimmedDescription) has no State: declare within it what its steps share, as a Codable and Sendable type",
            fixes: [
                .replace(
                    block,
                    by: block.with(\.members, MemberBlockItemListSyntax([item] + Array(block.members))),
                    "add an empty State"
                )
            ]
        )
    }

    private static func refuseSteps(in condition: IfConfigDeclSyntax, _ findings: inout Findings) {
        for clause in condition.clauses {
            guard case .decls(let members) = clause.elements else { continue }
            for member in members {
                guard let function = member.decl.as(FunctionDeclSyntax.self),
                    let attribute = function.stepAttributes.first
                else { continue }
                findings.error(
                    "conditionalStep",
                    at: attribute.syntax,
                    "a step cannot stand within #if: a flow that began with it would find other steps. Give the flow type another version instead"
                )
            }
        }
    }
}
