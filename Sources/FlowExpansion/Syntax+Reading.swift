internal import SwiftSyntax

extension AttributeSyntax {
    /// The attribute's arguments.
    var labeled: [LabeledExprSyntax] {
        guard case .argumentList(let list) = arguments else { return [] }
        return Array(list)
    }

    /// An argument by its label.
    func argument(_ label: String) -> ExprSyntax? {
        labeled.first { $0.label?.text == label }?.expression.trimmed
    }

    /// The attribute's name, without a module.
    var simpleName: String? {
        attributeName.as(IdentifierTypeSyntax.self)?.name.text ?? attributeName.as(MemberTypeSyntax.self)?.name.text
    }
}

extension AttributeListSyntax {
    /// The attributes among them.
    var attributes: [AttributeSyntax] { compactMap { $0.as(AttributeSyntax.self) } }
}

extension DeclModifierListSyntax {
    /// Whether a keyword is among them.
    func has(_ keyword: Keyword) -> Bool { contains { $0.name.tokenKind == .keyword(keyword) } }

    /// How far what they belong to is seen, with a space behind it; empty for what is seen in its module.
    var access: String {
        for modifier in self {
            switch modifier.name.tokenKind {
            case .keyword(.public), .keyword(.open): return "public "
            case .keyword(.package): return "package "
            case .keyword(.private), .keyword(.fileprivate): return "fileprivate "
            default: continue
            }
        }
        return ""
    }
}

extension ExprSyntax {
    /// What a string literal says; nil for anything else, also for one with interpolations, escapes or several lines.
    var plainText: String? {
        guard let literal = self.as(StringLiteralExprSyntax.self), literal.openingPounds == nil,
            literal.openingQuote.tokenKind == .stringQuote
        else { return nil }
        guard let segment = literal.segments.first else { return "" }
        guard literal.segments.count == 1, let text = segment.as(StringSegmentSyntax.self)?.content.text else {
            return nil
        }
        return text.contains("\\") ? nil : text
    }

    /// The name of what is called or named, without what it is a member of.
    var simpleName: String? {
        if let reference = self.as(DeclReferenceExprSyntax.self) { return reference.baseName.text }
        return self.as(MemberAccessExprSyntax.self)?.declName.baseName.text
    }
}

extension TypeSyntax {
    /// The type's name, without a module or what it is nested in, and without generic arguments.
    var simpleName: String? {
        self.as(IdentifierTypeSyntax.self)?.name.text ?? self.as(MemberTypeSyntax.self)?.name.text
    }

    /// Whether it is `Void`.
    var isVoid: Bool { simpleName == "Void" || self.as(TupleTypeSyntax.self)?.elements.isEmpty == true }
}
