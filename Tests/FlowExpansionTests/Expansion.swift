import FlowExpansion
import SwiftDiagnostics
import SwiftParser
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacros

private struct TestFlow: FlowMacroExpansion {}
private struct TestStep: StepMarkerExpansion {}
private struct TestAgent: AgentMacroExpansion {}

/// What the macros make of a source, and what they say to it.
struct Expansion {
    let source: SourceFileSyntax
    private(set) var members = ""
    private(set) var extensions = ""
    private(set) var findings: [Finding] = []

    init(_ text: String) throws {
        source = Parser.parse(source: text)
        let reader = AttributeReader(viewMode: .sourceAccurate)
        reader.walk(source)
        for (attribute, declaration) in reader.found { try expand(attribute, on: declaration) }
    }

    private mutating func expand(_ attribute: AttributeSyntax, on declaration: Syntax) throws {
        let context = BasicMacroExpansionContext(lexicalContext: declaration.allMacroLexicalContexts())
        let group = declaration.asProtocol((any DeclGroupSyntax).self)
        let type = TypeSyntax(
            IdentifierTypeSyntax(name: declaration.asProtocol((any NamedDeclSyntax).self)?.name.trimmed ?? "_")
        )
        switch (attribute.attributeName.trimmedDescription, group) {
        case ("Flow", let group?):
            members += try TestFlow.expansion(of: attribute, providingMembersOf: group, conformingTo: [], in: context)
                .map(\.description).joined(separator: "\n")
            // The extension says nothing: all that is wrong was said with the members.
            extensions += try TestFlow.expansion(
                of: attribute,
                attachedTo: group,
                providingExtensionsOf: type,
                conformingTo: [],
                in: context
            )
            .map(\.description).joined()
        case ("Agent", let group?):
            extensions += try TestAgent.expansion(
                of: attribute,
                attachedTo: group,
                providingExtensionsOf: type,
                conformingTo: [],
                in: context
            )
            .map(\.description).joined()
        case ("Start", _), ("Listen", _), ("Router", _), ("Ask", _), ("Race", _):
            guard let declaration = declaration.as(DeclSyntax.self) else { return }
            members += try TestStep.expansion(of: attribute, providingPeersOf: declaration, in: context)
                .map(\.description).joined()
        default: break
        }
        findings += context.diagnostics.map { Finding($0, in: source) }
    }
}

/// A message as a person sees it.
struct Finding: CustomStringConvertible {
    let id: MessageID
    /// What it points at.
    let node: String
    let message: String
    /// What its notes point at.
    let notes: [String]
    /// The source as each of its fix-its leaves it.
    let fixed: [String]

    init(_ diagnostic: Diagnostic, in source: SourceFileSyntax) {
        id = diagnostic.diagnosticID
        node = diagnostic.node.trimmedDescription
        message = diagnostic.message
        notes = diagnostic.notes.map(\.node.trimmedDescription)
        fixed = diagnostic.fixIts.map { fix in
            var bytes = Array(source.description.utf8)
            for edit in fix.edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
                let range = edit.range.lowerBound.utf8Offset..<edit.range.upperBound.utf8Offset
                bytes.replaceSubrange(range, with: edit.replacement.utf8)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    var description: String { "\(id) at \(node): \(message)" }
}

/// Finds the attributes of a source with what they are on.
private final class AttributeReader: SyntaxVisitor {
    private(set) var found: [(AttributeSyntax, Syntax)] = []

    override func visit(_ node: AttributeSyntax) -> SyntaxVisitorContinueKind {
        if let declaration = node.parent?.parent { found.append((node, declaration)) }
        return .skipChildren
    }
}
