public import JSON
public import Plugins

/// A flow type that is a Swift type: what `@Flow` makes of a struct. The requirements are what the attribute fills in; what
/// one uses is ``definition()`` and, in a program, ``FlowRegistry/registerLinked()``.
public protocol FlowPlugin: Plugin {
    /// What the steps share.
    associatedtype State: Codable & Sendable

    /// The name clients start it by.
    static var name: String { get }
    /// The version of its steps.
    static var version: Int { get }
    /// What a step that has failed for good means for the flow.
    static var onFailure: FailurePolicy { get }
    /// A state that has its default values only; nil when it needs more.
    static var blankState: State? { get }
    /// The state a flow begins with; unless it is declared, ``decodedState(from:)``.
    /// - Throws: ``FlowError/invalidInput(pointer:message:)`` for an input it cannot use.
    static func initial(_ input: JSON?) throws -> State
    /// Hands the steps to the builder.
    /// - Throws: what `init()` does.
    static func define(_ flow: FlowBuilder<State>) throws
}

extension FlowPlugin {
    /// None.
    public static var blankState: State? { nil }

    /// The state as the input has it.
    public static func initial(_ input: JSON?) throws -> State { try decodedState(from: input) }

    /// Makes the flow's value, and the definition with it.
    /// - Throws: ``FlowDefinitionError``; what `init()` throws.
    public static func definition() throws -> FlowDefinition<State> {
        try FlowDefinition(name, version: version, onFailure: onFailure, initial: initial, define)
    }

    /// Adds the type to a registry.
    /// - Throws: ``FlowDefinitionError``.
    public static func register(in registry: inout FlowRegistry) throws { try registry.register(definition()) }

    /// Writes the type where the program looks for its plugins.
    /// - Parameter place: as a `Plugins.Record` gets it.
    public static func declare(at place: UnsafeMutableRawPointer) { Plugins.declare(Self.self, at: place) }
}

extension FlowRegistry {
    /// Adds all flow types that the program is linked with and that declare themselves, by `@Flow`.
    /// - Throws: ``FlowDefinitionError``.
    public mutating func registerLinked() throws {
        for case let type as any FlowPlugin.Type in Plugins.linked() { try type.register(in: &self) }
    }
}
