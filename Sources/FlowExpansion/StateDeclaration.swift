internal import SwiftSyntax

/// The `State` of a flow.
struct StateDeclaration {
    /// Whether `State()` is one: the macro sees only what is written within the declaration.
    let isMadeOfNothing: Bool

    init?(in flow: StructDeclSyntax) {
        for member in flow.memberBlock.members {
            if let state = member.decl.as(StructDeclSyntax.self), state.name.text == "State" {
                isMadeOfNothing = state.isMadeOfNothing(canThrow: false)
                return
            }
            let other =
                member.decl.as(TypeAliasDeclSyntax.self)?.name ?? member.decl.as(ClassDeclSyntax.self)?.name
                ?? member.decl.as(EnumDeclSyntax.self)?.name
            if other?.text == "State" {
                isMadeOfNothing = false
                return
            }
        }
        return nil
    }
}

extension StructDeclSyntax {
    /// Whether it can be made without anything, as far as can be seen within the declaration.
    func isMadeOfNothing(canThrow: Bool) -> Bool {
        let initializers = memberBlock.members.compactMap { $0.decl.as(InitializerDeclSyntax.self) }
        guard initializers.isEmpty else {
            return initializers.contains { initializer in
                let effects = initializer.signature.effectSpecifiers
                return initializer.signature.parameterClause.parameters.allSatisfy { $0.defaultValue != nil }
                    && effects?.asyncSpecifier == nil && (canThrow || effects?.throwsClause == nil)
                    && initializer.optionalMark == nil
            }
        }
        return storedWithoutValue.isEmpty
    }

    /// The properties that somebody has to give a value. A property wrapper may have one.
    var storedWithoutValue: [PatternBindingSyntax] {
        memberBlock.members.compactMap { $0.decl.as(VariableDeclSyntax.self) }
            .filter { !$0.modifiers.has(.static) && $0.attributes.isEmpty }
            .flatMap { property in
                property.bindings.filter { binding in
                    let isNilByDefault =
                        property.bindingSpecifier.tokenKind == .keyword(.var)
                        && binding.typeAnnotation?.type.is(OptionalTypeSyntax.self) == true
                    return binding.initializer == nil && !binding.isComputed && !isNilByDefault
                }
            }
    }
}

extension PatternBindingSyntax {
    fileprivate var isComputed: Bool {
        switch accessorBlock?.accessors {
        case .getter: true
        case .accessors(let accessors):
            accessors.contains { $0.accessorSpecifier.tokenKind == .keyword(.get) }
        case nil: false
        }
    }
}
