internal import SwiftDiagnostics
internal import SwiftSyntax

/// What is wrong with a declaration, at the nodes where it is.
struct Findings {
    private(set) var diagnostics: [Diagnostic] = []

    /// Adds an error.
    mutating func error(
        _ id: String,
        at node: some SyntaxProtocol,
        _ text: String,
        notes: [Note] = [],
        fixes: [FixIt] = []
    ) {
        diagnostics.append(
            Diagnostic(node: node, message: Words(id: id, text: text), notes: notes, fixIts: fixes)
        )
    }
}

extension Note {
    /// Says what another node has to do with it.
    init(_ node: some SyntaxProtocol, _ text: String) {
        self.init(node: Syntax(node), message: Words(id: "note", text: text))
    }
}

extension FixIt {
    /// Puts one node in the place of another.
    static func replace(_ node: some SyntaxProtocol, by other: some SyntaxProtocol, _ text: String) -> FixIt {
        FixIt(
            message: Words(id: "fix", text: text),
            changes: [.replace(oldNode: Syntax(node), newNode: Syntax(other))]
        )
    }

    /// Leaves a modifier out, if there is one, and makes the keyword behind the modifiers another. What stood before the
    /// modifier, a new line mostly, stands before what follows it then.
    static func remove(
        _ modifier: DeclModifierSyntax?,
        of modifiers: DeclModifierListSyntax,
        before keyword: TokenSyntax,
        as kind: TokenKind,
        _ text: String
    ) -> FixIt {
        var rest = modifiers.filter { $0.id != modifier?.id }
        var keywordThen = keyword.with(\.tokenKind, kind)
        if let modifier, modifier.id == modifiers.first?.id {
            if rest.isEmpty {
                keywordThen.leadingTrivia = modifier.leadingTrivia
            } else {
                rest[rest.startIndex].leadingTrivia = modifier.leadingTrivia
            }
        }
        return FixIt(
            message: Words(id: "fix", text: text),
            changes: [
                .replace(oldNode: Syntax(modifiers), newNode: Syntax(rest)),
                .replace(oldNode: Syntax(keyword), newNode: Syntax(keywordThen)),
            ]
        )
    }
}

/// A message with a name by which tools can tell it from others.
private struct Words: DiagnosticMessage, NoteMessage, FixItMessage {
    let id: String
    let text: String

    var message: String { text }
    var severity: DiagnosticSeverity { .error }
    var diagnosticID: MessageID { MessageID(domain: "Signalbox", id: id) }
    var noteID: MessageID { diagnosticID }
    var fixItID: MessageID { diagnosticID }
}
