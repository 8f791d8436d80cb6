public import Domain
public import JSON
import Ledger

/// A flow that a step started did not succeed.
public struct ChildFlowFailed: Error, Sendable, Equatable, CustomStringConvertible {
    /// The flow.
    public let flow: FlowID
    /// How it ended.
    public let status: FlowStatus
    /// One sentence.
    public var description: String { "flow \(flow), which this step started, is \(status.rawValue)" }
}

extension StepContext {
    /// Starts a flow of its own and waits until it has ended, without holding a thread or a connection. Its parent is this flow;
    /// it is cancelled when this one is.
    ///
    /// - Returns: the flow's state at its end.
    /// - Throws: ``ChildFlowFailed``, ``FlowError/unknownType(_:)``, ``FlowError/invalidInput(pointer:message:)``.
    public func flow(
        _ name: String,
        type: String,
        title: String? = nil,
        input: JSON? = nil
    ) async throws -> JSON {
        let name = services.name(scope + name)
        var known = try services.known(name, as: .flow)
        if known == nil {
            let made = EffectRecord(step: services.step, name: name, kind: .flow, isDone: false, flow: .generate())
            try await services.keep(made)
            known = made
        }
        guard let effect = known, let child = effect.flow else { throw FlowLost() }
        guard effect.isDone else {
            try await services.startFlow(child, type: type, title: title, input: input)
            throw services.wait(for: name)
        }
        guard let status = effect.result?["status"]?.string.flatMap(FlowStatus.init),
            let state = effect.result?["state"]
        else {
            throw StepError.journalMismatch(step: services.step.name, effect: name, reason: "cannot be read")
        }
        guard status == .succeeded else { throw ChildFlowFailed(flow: child, status: status) }
        return state
    }
}

extension StepServices {
    /// Creates the flow, unless an earlier attempt has.
    fileprivate func startFlow(_ id: FlowID, type name: String, title: String?, input: JSON?) async throws {
        guard let type = registry.type(name) else { throw FlowError.unknownType(name) }
        let creation = try FlowCreation(
            id: id,
            type: type,
            title: title,
            input: input,
            parent: FlowParent(flow: lease.flow, seq: nil),
            by: start.flow.createdBy,
            at: environment.now()
        )
        let isThere = try await ledger.store.transaction(.snapshot) {
            try await $0.flows.find(id, locked: false) != nil
        }
        guard !isThere else { return }
        do {
            try await ledger.create(creation.flow, by: creation.flow.createdBy) { writer in
                try await creation.begin(writer, channel: FlowEngine.channel)
            }
        } catch StoreError.duplicate {
            // The commit of an earlier attempt came late.
        }
    }
}
