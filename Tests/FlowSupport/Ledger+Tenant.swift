public import Domain
public import Ledger

/// What the ledger does, for a tenant that the test names with each call.
extension Ledger {
    /// See ``change(_:by:at:_:)``.
    @discardableResult
    public func change<Result: Sendable>(
        _ id: FlowID,
        in tenant: TenantID,
        by actor: String,
        at now: Timestamp = .now(),
        _ body: @escaping @Sendable (inout FlowDraft) throws -> Result
    ) async throws -> Result {
        try await TenantContext.with(tenant) { try await change(id, by: actor, at: now, body) }
    }

    /// See ``create(_:by:_:)``.
    public func create<Result: Sendable>(
        _ flow: Flow,
        in tenant: TenantID,
        by actor: String,
        _ body: @Sendable (FlowWriter) async throws -> Result
    ) async throws -> Result {
        try await TenantContext.with(tenant) { try await create(flow, by: actor, body) }
    }

    /// See ``write(_:by:at:_:)``.
    @discardableResult
    public func write<Result: Sendable>(
        _ id: FlowID,
        in tenant: TenantID,
        by actor: String,
        at now: Timestamp = .now(),
        _ body: @Sendable (FlowWriter) async throws -> Result
    ) async throws -> Result {
        try await TenantContext.with(tenant) { try await write(id, by: actor, at: now, body) }
    }
}
