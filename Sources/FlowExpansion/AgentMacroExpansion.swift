internal import SwiftDiagnostics
public import SwiftSyntax
internal import SwiftSyntaxBuilder
public import SwiftSyntaxMacros

/// `@Agent`: the conformance to `Agent`, and the record by which the program finds the type.
public protocol AgentMacroExpansion: ExtensionMacro {}

extension AgentMacroExpansion {
    /// The extension.
    public static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var findings = Findings()
        defer { findings.diagnostics.forEach(context.diagnose) }
        let name = node.labeled.first { $0.label == nil }?.expression
        guard let name, name.plainText?.isEmpty == false else {
            findings.error(
                "agentName",
                at: node,
                "@Agent needs the agent's name as a string literal: @Agent(\"bookkeeper\")"
            )
            return []
        }
        guard !declaration.is(ExtensionDeclSyntax.self), !declaration.is(ProtocolDeclSyntax.self) else {
            findings.error("notAType", at: node, "@Agent belongs on the declaration of a struct, enum, class or actor")
            return []
        }
        if let generics = declaration.asProtocol((any WithGenericParametersSyntax).self)?.genericParameterClause {
            findings.error(
                "genericAgent",
                at: generics,
                "an agent cannot be generic: it is found without anyone to name its parameters"
            )
            return []
        }
        let access = declaration.modifiers.access == "fileprivate " ? "" : declaration.modifiers.access
        let source: DeclSyntax = """
            extension \(type.trimmed): Agents.Agent {
                \(raw: access)static var name: String { \(name.trimmed) }
                @section("signalbox_plugins") @used
                private static let pluginRecord: @convention(c) (UnsafeMutableRawPointer) -> Void = {
                    \(type.trimmed).declare(at: $0)
                }
            }
            """
        return source.as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }
}
