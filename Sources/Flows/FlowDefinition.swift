public import JSON

/// A registered kind of native flow: its steps and the form of its state.
public struct FlowDefinition<State: Codable & Sendable>: Sendable {
    let erased: FlowType

    /// Builds and checks a definition.
    ///
    /// - Parameters:
    ///   - type: the name clients start it by.
    ///   - initial: the state a flow begins with; throws ``FlowError/invalidInput(pointer:message:)`` for an input it cannot
    ///     use.
    /// - Throws: ``FlowError`` for names that are used twice, listeners of nothing, labels nobody listens to.
    public init(
        _ type: String,
        initial: @escaping @Sendable (JSON?) throws -> State,
        _ build: (FlowBuilder<State>) throws -> Void
    ) throws {
        let builder = FlowBuilder<State>()
        try build(builder)
        erased = FlowType(
            name: type,
            plan: try FlowPlan(builder.nodes),
            initialState: { input in try JSON(encoding: try initial(input)) },
            checkState: { state in
                do { _ = try state.decode(State.self) } catch {
                    throw FlowError.invalidState(String(describing: error))
                }
            }
        )
    }
}

/// A definition without its state's Swift type.
struct FlowType: Sendable {
    let name: String
    let plan: FlowPlan
    let initialState: @Sendable (JSON?) throws -> JSON
    let checkState: @Sendable (JSON) throws -> Void
}

/// The flow types of a process.
public struct FlowRegistry: Sendable {
    private var types: [String: FlowType] = [:]

    /// Creates an empty registry.
    public init() {}

    /// Adds a type.
    /// - Throws: ``FlowError/duplicateType(_:)``.
    public mutating func register<State>(_ definition: FlowDefinition<State>) throws {
        let type = definition.erased
        guard types[type.name] == nil else { throw FlowError.duplicateType(type.name) }
        types[type.name] = type
    }

    /// The names of all types, sorted.
    public var names: [String] { types.keys.sorted() }

    func type(_ name: String) -> FlowType? { types[name] }
}
