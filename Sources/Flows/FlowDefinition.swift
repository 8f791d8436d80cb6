public import JSON

/// A registered kind of native flow: its steps and the form of its state.
public struct FlowDefinition<State: Codable & Sendable>: Sendable {
    let erased: FlowType

    /// Builds and checks a definition.
    ///
    /// - Parameters:
    ///   - type: the name clients start it by.
    ///   - version: counts up with each change of the steps. Flows that began under another version go on under that one, as
    ///     long as it is registered beside this.
    ///   - onFailure: what a step that has failed for good means for the flow.
    ///   - initial: the state a flow begins with; throws ``FlowError/invalidInput(pointer:message:)`` for an input it cannot
    ///     use.
    /// - Throws: ``FlowDefinitionError`` for names that are used twice, listeners of nothing, labels nobody listens to, steps that
    ///   never run and circles without a bound.
    public init(
        _ type: String,
        version: Int = 1,
        onFailure: FailurePolicy = .failFast,
        initial: @escaping @Sendable (JSON?) throws -> State,
        _ build: (FlowBuilder<State>) throws -> Void
    ) throws {
        let builder = FlowBuilder<State>()
        try build(builder)
        erased = FlowType(
            name: type,
            version: version,
            onFailure: onFailure,
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
    let version: Int
    let onFailure: FailurePolicy
    let plan: FlowPlan
    let initialState: @Sendable (JSON?) throws -> JSON
    let checkState: @Sendable (JSON) throws -> Void
}

/// The flow types of a process.
public struct FlowRegistry: Sendable {
    private var types: [String: [Int: FlowType]] = [:]

    /// Creates an empty registry.
    public init() {}

    /// Adds a type, or another version of one.
    /// - Throws: ``FlowDefinitionError/duplicateType(_:)``.
    public mutating func register<State>(_ definition: FlowDefinition<State>) throws {
        let type = definition.erased
        guard types[type.name, default: [:]].updateValue(type, forKey: type.version) == nil else {
            throw FlowDefinitionError.duplicateType("\(type.name) (version \(type.version))")
        }
    }

    /// The names of all types, sorted.
    public var names: [String] { types.keys.sorted() }

    /// The newest version of a type.
    func type(_ name: String) -> FlowType? { types[name]?.max { $0.key < $1.key }?.value }

    /// A version of a type.
    func type(_ name: String, version: Int) -> FlowType? { types[name]?[version] }
}
