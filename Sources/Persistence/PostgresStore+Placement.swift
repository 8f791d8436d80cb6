public import Domain
import Postgres

// What a database among several is asked beside the transactions of its tenants.

extension PostgresStore {
    /// The tenants whose changes this database refuses, because they are being moved or were moved away.
    public func frozenTenants() async throws -> Set<TenantID> {
        let rows = try await single(
            """
            SELECT substr(tgname::text, 8) AS tenant FROM pg_trigger
            WHERE tgrelid = '\(DatabaseNames.schema).tenants'::regclass AND tgname LIKE 'frozen\\_%'
            """,
            []
        )
        return Set(try rows.compactMap { TenantID(try $0.string("tenant")) })
    }

    /// Gives back work that was claimed of a tenant that does not live here. Nobody is told: nobody should take it here.
    func giveBack(_ flow: FlowID, of tenant: TenantID, owner: Int64) async throws {
        do {
            _ = try await client.transaction(setup: [Self.context(of: tenant)]) { session in
                try await session.query(
                    """
                    UPDATE signalbox.flow_work SET owner = NULL WHERE tenant_id = $1 AND flow_id = $2 AND owner = $3
                    """,
                    [.id(tenant), .id(flow), .int(owner)]
                )
            }
        } catch let error as PostgresError {
            throw error.forStore
        }
    }
}
