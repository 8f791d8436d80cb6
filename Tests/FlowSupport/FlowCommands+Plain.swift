public import Domain
public import Flows
public import JSON
import Ledger

/// The commands for callers who keep nothing of their own beside them.
extension FlowCommands {
    /// Creates a flow; see ``create(type:title:state:metadata:input:by:channel:at:answering:)``.
    public func create(
        type: String,
        title: String?,
        state: JSON?,
        metadata: JSON?,
        input: JSON?,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> Flow {
        try await create(
            type: type,
            title: title,
            state: state,
            metadata: metadata,
            input: input,
            by: principal,
            channel: channel,
            at: now
        ) { $0.flow }
    }

    /// Ends a flow; see ``cancel(_:by:channel:at:answering:)``.
    public func cancel(
        _ id: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> Flow {
        try await cancel(id, by: principal, channel: channel, at: now) { $0.flow }
    }

    /// Lets a failed flow go on; see ``retry(_:by:channel:at:answering:)``.
    public func retry(
        _ id: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now()
    ) async throws -> Flow {
        try await retry(id, by: principal, channel: channel, at: now) { $0.flow }
    }
}
