public import SwiftSyntax
public import SwiftSyntaxMacros

/// `@Start`, `@Listen`, `@Router`, `@Ask` and `@Race`: they say what a method is, and `@Flow` reads them. By themselves they
/// make nothing, and are refused where `@Flow` does not see them.
public protocol StepMarkerExpansion: PeerMacro {}

extension StepMarkerExpansion {
    /// Nothing.
    public static func expansion(
        of node: AttributeSyntax,
        providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var findings = Findings()
        let name = node.simpleName ?? ""
        let flow = context.lexicalContext.first?.asProtocol((any DeclGroupSyntax).self)
        if !declaration.is(FunctionDeclSyntax.self) {
            findings.error("notAMethod", at: node, "@\(name) belongs on a method: its body is what the step does")
        } else if flow?.is(ExtensionDeclSyntax.self) == true {
            findings.error(
                "unseenStep",
                at: node,
                "a step stands in the struct itself: @Flow does not see what is in its extensions"
            )
        } else if flow?.attributes.attributes.contains(where: { $0.simpleName == "Flow" }) != true {
            findings.error("unseenStep", at: node, "@\(name) is for the methods of a struct with @Flow")
        }
        findings.diagnostics.forEach(context.diagnose)
        return []
    }
}
