public import Domain
public import Postgres

/// Creates tenants and their first users, as the owner of the schema: the server's own role may not.
public struct TenantAdministration: Sendable {
    private let client: PostgresClient

    /// Works over a client that signs in as the schema's owner, see ``Migrator/options``.
    public init(_ owner: PostgresClient) { client = owner }

    /// Stores a tenant and users of it in one transaction. A tenant with the same name is kept with its id, users with the
    /// same address are replaced but keep theirs.
    /// - Returns: the tenant as it is stored.
    /// - Throws: ``StoreError``.
    @discardableResult
    public func provision(_ tenant: Tenant, users: [User]) async throws -> Tenant {
        do {
            return try await client.transaction { session in
                let rows = try await session.query("SELECT id FROM signalbox.tenant_by_name($1)", [.text(tenant.name)])
                let id: TenantID = try rows.first?.id("id") ?? tenant.id
                // The owner is bound by the policies too, unless it is a superuser.
                _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.id(id)])
                if rows.isEmpty {
                    _ = try await session.query(
                        "INSERT INTO signalbox.tenants (id, name) VALUES ($1, $2)",
                        [.id(id), .text(tenant.name)]
                    )
                }
                _ = try await session.batch(
                    users.map(PostgresIdentity.save).map { PostgresStatement($0.sql, [.id(id)] + $0.parameters) }
                )
                return Tenant(id: id, name: tenant.name)
            }
        } catch let error as PostgresError {
            throw error.forStore
        }
    }
}
