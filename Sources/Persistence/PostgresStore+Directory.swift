public import Domain
import Postgres

extension PostgresStore: TenantDirectory {
    /// The tenant with this name, or nil.
    public func tenant(named name: String) async throws -> Tenant? {
        // Postgres cannot hold U+0000, so no tenant is called that.
        guard !name.utf8.contains(0) else { return nil }
        return try await tenant("SELECT id, name FROM signalbox.tenant_by_name($1)", .text(name))
    }

    /// The tenant, or nil.
    public func tenant(_ id: TenantID) async throws -> Tenant? {
        try await tenant("SELECT id, name FROM signalbox.tenant_by_id($1)", .id(id))
    }

    private func tenant(_ sql: String, _ key: PostgresValue) async throws -> Tenant? {
        let rows = try await single(sql, [key])
        return try rows.first.map { Tenant(id: try $0.id("id"), name: try $0.string("name")) }
    }

    /// Runs one statement that needs no tenant, as a transaction of its own.
    func single(_ sql: String, _ parameters: [PostgresValue]) async throws -> PostgresRows {
        do {
            return try await client.withConnection { try await $0.query(sql, parameters) }
        } catch let error as PostgresError {
            throw error.forStore
        }
    }
}

extension PostgresStore: WorkQueue {
    /// Takes up to `limit` flows that are due and that nobody alive works on.
    ///
    /// Alive is who holds the advisory lock of their number, see ``StoreListener``, and has called within the patience they
    /// asked for. A claimant without the lock may lose its work to the next claimant.
    public func claim(owner: Int64, limit: Int, patience: Int, held: [Int64]?) async throws -> ClaimedWork {
        let rows = try await single(
            "SELECT tenant_id, flow_id, lease, wakes, at FROM signalbox.claim_work($1, $2, $3, $4)",
            [.int(owner), .int(limit), .int(patience), held.map { .bigints($0) } ?? .null]
        )
        var (leases, again, next): ([Lease], [FlowID: Int64], Timestamp?) = ([], [:], nil)
        for row in rows {
            let at = try row.timeOrNil("at")
            guard let flow: FlowID = try row.idOrNil("flow_id") else {
                next = at
                continue
            }
            let wakes = try row.int64("wakes")
            guard let at else {
                again[flow] = wakes
                continue
            }
            leases.append(
                Lease(
                    tenant: try row.id("tenant_id"),
                    flow: flow,
                    number: try row.int64("lease"),
                    wakes: wakes,
                    since: at
                )
            )
        }
        return ClaimedWork(leases: leases, again: again, next: next)
    }

    /// Gives back everything that is marked as `owner`'s, and tells the others.
    public func release(owner: Int64) async throws {
        _ = try await single(
            "SELECT pg_notify('\(DatabaseNames.channel)', $2) WHERE signalbox.release_work($1) > 0",
            [.int(owner), .text(StoreNotification.workGivenBack.payload)]
        )
    }
}
