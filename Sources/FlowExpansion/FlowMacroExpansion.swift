// FlowExpansion: what `@Flow` and `@Agent` make of a declaration.
//
// What it is for: reading a flow type's declaration, judging it by FlowRules with words that stand where the mistake is,
// and writing the code that hands its methods to the plain builder. It is a library so that tests can call it; the
// compiler's plugin (FlowMacros) only names it. It must never know what Flows does with what is written.

public import SwiftSyntax
internal import SwiftSyntaxBuilder
public import SwiftSyntaxMacros

/// `@Flow`: the types of the step's context and results as members, and the conformance to `FlowPlugin` as an extension.
///
/// A macro is known to the compiler by the module of its type, so that the plugin conforms a type of its own to this.
public protocol FlowMacroExpansion: MemberMacro, ExtensionMacro {}

extension FlowMacroExpansion {
    /// The members; all that is wrong with the declaration is said here.
    public static func expansion(
        of node: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var findings = Findings()
        let flow = FlowDeclaration(node, on: declaration, &findings)
        flow?.check(&findings)
        findings.diagnostics.forEach(context.diagnose)
        // Methods that are right in themselves are not to be said to be wrong as well.
        return flow?.members ?? ["typealias Context = Flows.StepContext<Never>"]
    }

    /// The extension. Of a declaration that is faulty it has no steps, so that the compiler adds nothing to what is said of it.
    public static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var findings = Findings()
        guard let flow = FlowDeclaration(node, on: declaration, &findings) else { return [] }
        let conditions = flow.check(&findings)
        return flow.conformance(of: type.trimmedDescription, findings.diagnostics.isEmpty ? conditions : [])
    }
}
