public import Domain
public import JSON
import Ledger

/// What a step's body may use. Everything it writes is refused once the flow has ended or another process took it over.
public struct StepContext<State: Codable & Sendable>: Sendable {
    let services: StepServices
    /// Comes before the names of effects: the branch of a ``parallel(_:_:atOnce:_:)``.
    let scope: String

    init(_ services: StepServices, scope: String = "") {
        self.services = services
        self.scope = scope
    }

    /// The flow.
    public var flow: FlowID { services.lease.flow }
    /// Who created the flow.
    public var createdBy: String { services.start.flow.createdBy }
    /// What the flow was started with.
    public var input: JSON? { services.start.flow.input }
    /// How often the step was begun in this round, from 1.
    public var attempt: Int { services.start.attempt }
    /// How many of its attempts failed in this round.
    public var failures: Int { services.start.failures }
    /// Which time the flow has come to this step, from 1.
    public var round: Int { services.step.round }

    /// The result of a step that is done, also of one this step does not listen to. Of a step that the flow came back to it is
    /// the one that belongs to this round.
    /// - Throws: ``StepError/missingResult(step:)``, ``StepError/journalMismatch(step:effect:reason:)``.
    public func result<Output>(of step: Step<Output>) throws -> Output {
        guard let result = services.start.results[step.name] else { throw StepError.missingResult(step: step.name) }
        return try services.decode(result, of: step.name)
    }

    /// The result of that one of several steps which was done first in this round: the one that began this step when it
    /// listens to any of them.
    /// - Throws: ``StepError/missingResult(step:)``, ``StepError/journalMismatch(step:effect:reason:)``.
    public func result<Output>(ofFirst steps: [Step<Output>]) throws -> Output {
        let first = services.causes.lazy.compactMap { cause in steps.first { $0.name == cause.name } }.first
        guard let first else { throw StepError.missingResult(step: services.step.name) }
        return try result(of: first)
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
        try await services.change { try Self.apply(change, to: &$0) }
    }

    /// Changes the state together with the step's result, in one commit.
    public func stage(_ change: @escaping @Sendable (inout State) -> Void) {
        services.stage { try Self.apply(change, to: &$0) }
    }

    /// The state as it is now.
    public func state() async throws -> State {
        let flow = try await transaction(.snapshot) { try await $0.flows.find(self.flow, locked: false) }
        guard let flow else { throw AttemptLost() }
        return try flow.state.decode(State.self)
    }

    private static func apply(_ change: @Sendable (inout State) -> Void, to draft: inout FlowDraft) throws {
        var state: State
        do { state = try draft.flow.state.decode(State.self) } catch {
            throw FlowError.invalidState(String(describing: error))
        }
        change(&state)
        try draft.setState(try JSON(encoding: state))
    }
}

extension StepServices {
    /// Reads what the journal has.
    func decode<Value: Decodable>(_ json: JSON, of name: String) throws -> Value {
        do { return try json.decode(Value.self) } catch {
            throw StepError.journalMismatch(step: step.name, effect: name, reason: "cannot be read: \(error)")
        }
    }
}
