public import Domain
public import JSON
import Ledger
import Locking

/// What a step's body may use. Everything it writes is refused once the flow has ended or another process took it over.
public struct StepContext<State: Codable & Sendable>: Sendable {
    let services: StepServices

    init(_ services: StepServices) { self.services = services }

    /// The flow.
    public var flow: FlowID { services.flow }
    /// Who created the flow.
    public var createdBy: String { services.createdBy }
    /// What the flow was started with.
    public var input: JSON? { services.input }
    /// The result of a step that is done, also of one this step does not listen to.
    /// - Throws: ``FlowError/missingResult(step:)``.
    public func result<Output>(of step: Step<Output>) throws -> Output {
        guard let result = services.results[step.name] else { throw FlowError.missingResult(step: step.name) }
        return try result.decode(Output.self)
    }
    /// The database, in the flow's tenant.
    public func transaction<Result: Sendable>(
        _ mode: TransactionMode = .write,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await services.ledger.store.transaction(mode, body)
    }

    /// Changes the state now, for those who watch: progress. One commit each, so a few times a second at most.
    /// - Throws: ``FlowError/invalidState(_:)``; also when the flow is over or another process took it: let that pass.
    public func update(_ change: @escaping @Sendable (inout State) -> Void) async throws {
        try Task.checkCancellation()
        try await services.write { writer in try Self.apply([change], to: writer) }
    }

    /// Changes the state together with the step's result, in one commit.
    public func stage(_ change: @escaping @Sendable (inout State) -> Void) {
        services.staged.withLock { $0.append { writer in try Self.apply([change], to: writer) } }
    }

    /// The state as it is now.
    public func state() async throws -> State {
        let flow = try await transaction(.snapshot) { try await $0.flows.find(services.flow, locked: false) }
        guard let flow else { throw FlowLost() }
        return try flow.state.decode(State.self)
    }

    private static func apply(_ changes: [@Sendable (inout State) -> Void], to writer: FlowWriter) throws {
        var state: State
        do { state = try writer.flow.state.decode(State.self) } catch {
            throw FlowError.invalidState(String(describing: error))
        }
        for change in changes { change(&state) }
        try writer.setState(try JSON(encoding: state))
    }
}

/// The type-free part of a step's context.
final class StepServices: Sendable {
    let flow: FlowID
    let step: String
    let attempt: Int
    let createdBy: String
    let input: JSON?
    let results: [String: JSON]
    let owner: Int64
    let ledger: Ledger
    /// What ``StepContext/stage(_:)`` keeps for the commit of the result.
    let staged = Mutex<[@Sendable (FlowWriter) throws -> Void]>([])

    init(
        _ flow: Flow,
        step: String,
        attempt: Int,
        results: [String: JSON],
        owner: Int64,
        ledger: Ledger
    ) {
        self.results = results
        self.flow = flow.id
        self.step = step
        self.attempt = attempt
        self.owner = owner
        self.ledger = ledger
        createdBy = flow.createdBy
        input = flow.input
    }

    /// Writes the flow, provided that this attempt of this step is still the one that counts.
    func write<Result: Sendable>(_ body: @Sendable (FlowWriter) async throws -> Result) async throws -> Result {
        try await ledger.write(flow, by: FlowEngine.actorName) { writer in
            guard try await writer.transaction.flows.holdsWork(flow, owner: owner), !writer.flow.status.isFinal,
                let record = writer.step(step), record.status == .running, record.attempt == attempt
            else { throw FlowLost() }
            return try await body(writer)
        }
    }
}

/// The flow has ended, or another process took it over: whatever this one still does must leave no trace.
struct FlowLost: Error {}
