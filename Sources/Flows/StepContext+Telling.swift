public import Events
import Ledger

extension StepContext {
    /// Tells of an event that the flow defines, now: one commit of its own.
    /// - Throws: also when the flow is over or another process took it: let that pass.
    public func tell(_ event: some CustomEvent) async throws {
        try Task.checkCancellation()
        let logged = try event.logged()
        try await services.change { $0.emit(logged) }
    }

    /// Tells of an event that the flow defines together with the step's result, in one commit.
    /// - Throws: what the encoding of the event throws.
    public func stage(_ event: some CustomEvent) throws {
        let logged = try event.logged()
        services.stage { $0.emit(logged) }
    }
}
