import Domain
import Postgres

/// What a database has of a tenant.
public enum TenantStanding: Sendable, Equatable {
    /// Nothing.
    case absent
    /// The tenant, and it takes changes.
    case live
    /// The tenant, or a copy of it, and it takes no changes. The number says in which freeze what is here was complete; nil
    /// when it is not.
    case frozen(Int?)

    /// The number of the freeze.
    var number: Int? { if case .frozen(let number) = self { number } else { nil } }
}

extension TenantID {
    /// The trigger that refuses additions and changes, quoted.
    var freezingTrigger: String { "\"frozen_\(text)\"" }
    /// The trigger that refuses removals, quoted.
    var freezingDeleteTrigger: String { "\"frozen_\(text)_delete\"" }

    /// Makes a transaction one of this tenant, in which texts mean the same in every database.
    var context: [PostgresStatement] {
        [
            PostgresStatement("SELECT set_config('app.tenant_id', $1, true)", [.id(self)]),
            // Names of tables come with their schema.
            PostgresStatement("SET LOCAL search_path = pg_catalog"), PostgresStatement("SET LOCAL TimeZone = 'UTC'"),
            PostgresStatement("SET LOCAL DateStyle = 'ISO, YMD'"),
            PostgresStatement("SET LOCAL IntervalStyle = 'iso_8601'"),
            PostgresStatement("SET LOCAL extra_float_digits = 1"), PostgresStatement("SET LOCAL bytea_output = 'hex'"),
        ]
    }

    /// Lets a transaction through where the tenant is frozen.
    var asMover: PostgresStatement {
        PostgresStatement("SELECT set_config('signalbox.moving', $1, true)", [.id(self)])
    }

    /// What a database has of the tenant. Within a transaction of ``context``.
    func standing(_ session: PostgresSession) async throws -> TenantStanding {
        let rows = try await session.query(
            """
            SELECT EXISTS (SELECT FROM \(DatabaseNames.schema).tenants WHERE id = $1) AS is_there, t.oid IS NOT NULL AS is_frozen,
                obj_description(t.oid, 'pg_trigger') AS number
            FROM (SELECT) AS one LEFT JOIN pg_trigger t
                ON t.tgrelid = '\(DatabaseNames.schema).tenants'::regclass AND t.tgname = 'frozen_' || $2
            """,
            [.id(self), .text(text)]
        )
        guard let row = rows.first, try row.bool("is_there") else { return .absent }
        return try row.bool("is_frozen") ? .frozen(try row.stringOrNil("number").flatMap { Int($0) }) : .live
    }
}
