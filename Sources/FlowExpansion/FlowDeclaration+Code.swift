internal import FlowRules
internal import SwiftSyntax
internal import SwiftSyntaxBuilder

extension FlowDeclaration {
    private var access: String {
        let access = declaration.modifiers.access
        return access == "fileprivate " ? "" : access
    }

    /// What `@Flow` adds to the struct: names for the context of its steps, and for their results.
    var members: [DeclSyntax] {
        let results = steps.map { step in
            let access = step.function.modifiers.access
            return """
                \(access)static let \(step.function.name.text) = Flows.Step<\(step.output ?? "Bool")>(\(step.name.literal))
                """
        }
        return [
            """
            /// What the steps of this flow may use.
            \(raw: access)typealias Context = Flows.StepContext<State>
            """,
            """
            /// The results of this flow's steps: `context.result(of:)` reads them.
            \(raw: access)enum Steps {
                \(raw: results.joined(separator: "\n").indented(by: 4))
            }
            """,
        ]
    }

    /// The conformance to `FlowPlugin`.
    func conformance(of type: String, _ steps: [WiredStep]) -> [ExtensionDeclSyntax] {
        let blank = hasBlankState ? "\n\(access)static var blankState: State? { State() }" : ""
        let calls = steps.map { $0.code(names: names) }.joined(separator: "\n")
        let source: DeclSyntax = """
            extension \(raw: type): Flows.FlowPlugin {
                \(raw: access)static var name: String { \(self.type) }
                \(raw: access)static var version: Int { \(version ?? "1") }
                \(raw: access)static var onFailure: Flows.FailurePolicy { \(onFailure ?? ".failFast") }\(raw: blank.indented(by: 4))
                \(raw: access)static func define(_ flow: Flows.FlowBuilder<State>) throws {
                    try addSteps(of: Self(), to: flow)
                }
                private static func addSteps(of plugin: Self, to flow: Flows.FlowBuilder<State>) throws {
                    \(raw: calls.indented(by: 8))
                }
                @section("signalbox_plugins") @used
                private static let pluginRecord: @convention(c) (UnsafeMutableRawPointer) -> Void = {
                    \(raw: type).declare(at: $0)
                }
            }
            """
        return source.as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }

    /// What each step is called in `Steps`.
    private var names: [String: String] {
        Dictionary(steps.map { ($0.name, $0.function.name.text) }) { first, _ in first }
    }
}

extension WiredStep {
    /// The step's call of the builder.
    func code(names: [String: String]) -> String {
        var arguments = [step.name.literal]
        if let condition { arguments.append("when: \(condition.code)") }
        if step.kind == .router {
            arguments.append("labels: [\(step.labels.map(\.trimmedDescription).joined(separator: ", "))]")
        }
        if let policy = step.policy { arguments.append("policy: \(policy)") }
        if let check = step.check { arguments.append("check: \(check)") }
        return """
            flow.\(step.kind.method)(\(arguments.joined(separator: ", "))) { context in
                \(call(names: names))\(step.output == nil ? "\n    return true" : "")
            }
            """
    }

    /// The call of the step's method, marked with what it may do: the compiler warns of a mark that says too much.
    private func call(names: [String: String]) -> String {
        let effects = step.function.signature.effectSpecifiers
        let throwing = effects?.throwsClause != nil || !inputs.isEmpty ? "try " : ""
        let waiting = effects?.asyncSpecifier != nil ? "await " : ""
        let values = ["context"] + inputs.map { $0.code(names: names) }
        let arguments = zip(step.function.signature.parameterClause.parameters, values).map { parameter, value in
            parameter.firstName.tokenKind == .wildcard ? value : "\(parameter.firstName.text): \(value)"
        }
        return "\(throwing)\(waiting)plugin.\(step.function.name.text)(\(arguments.joined(separator: ", ")))"
    }
}

extension StepInput {
    fileprivate func code(names: [String: String]) -> String {
        func step(_ name: String) -> String { "Steps.\(names[name] ?? name)" }
        return switch self {
        case .result(let name): "context.result(of: \(step(name)))"
        case .first(let all): "context.result(ofFirst: [\(all.map(step).joined(separator: ", "))])"
        }
    }
}

extension StepCondition {
    fileprivate var code: String {
        switch self {
        case .step(let name): ".step(\(name.literal))"
        case .label(let text): ".label(\(text.literal))"
        case .all(let parts): ".all([\(parts.map(\.code).joined(separator: ", "))])"
        case .any(let parts): ".any([\(parts.map(\.code).joined(separator: ", "))])"
        }
    }
}

extension String {
    /// As a string literal of Swift.
    fileprivate var literal: String { StringLiteralExprSyntax(content: self).description }

    /// With spaces before each line but the first.
    fileprivate func indented(by spaces: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\n" + String(repeating: " ", count: spaces)
        )
    }
}
