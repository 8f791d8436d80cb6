public import Domain

extension Store {
    /// Runs a transaction for a tenant, in one call.
    public func transaction<Result: Sendable>(
        as tenant: TenantID,
        _ mode: TransactionMode = .write,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await TenantContext.with(tenant) { try await transaction(mode, body) }
    }

    /// Commits changes of a tenant's flows, in one call.
    public func commit(_ changes: [FlowChange], of tenant: TenantID, as id: CommitID) async throws -> CommitReceipt {
        try await TenantContext.with(tenant) { try await commit(changes, as: id) }
    }
}
