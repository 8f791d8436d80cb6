internal import SwiftSyntax

/// What makes a method a step.
enum StepKind: String, CaseIterable {
    case start = "Start"
    case listen = "Listen"
    case router = "Router"
    case ask = "Ask"
    case race = "Race"

    /// What the builder calls it.
    var method: String {
        switch self {
        case .start: "start"
        case .listen: "listen"
        case .router: "router"
        case .ask: "ask"
        case .race: "race"
        }
    }

    /// The only type that its method may return; nil for any.
    var returns: String? {
        switch self {
        case .router: "Label"
        case .ask: "PromptDraft"
        case .start, .listen, .race: nil
        }
    }
}

/// An attribute that makes a method a step.
struct StepAttribute {
    let kind: StepKind
    let syntax: AttributeSyntax
}

extension FunctionDeclSyntax {
    /// The attributes that make it a step: at most one of them is right.
    var stepAttributes: [StepAttribute] {
        attributes.attributes.compactMap { attribute in
            attribute.simpleName.flatMap(StepKind.init).map { StepAttribute(kind: $0, syntax: attribute) }
        }
    }
}
