import Domain
import Postgres
import TestSupport

/// What the database says of its own tables, so that a table that is added later is tested without being named.
struct Catalogue {
    /// A table, a partitioned table or a partition.
    struct Table: Sendable, CustomStringConvertible {
        let name: String
        let isPartition: Bool
        let isPartitioned: Bool
        /// Whether the application's role may do anything with it by this name.
        let isGranted: Bool
        let columns: [Column]

        /// The column that says whose a row is.
        var owner: String { name == "tenants" ? "id" : "tenant_id" }
        var qualified: String { "signalbox.\"\(name)\"" }
        var description: String { name }
        var updatable: [Column] { columns.filter(\.isUpdatable) }

        /// A statement that adds a row of this tenant. It may break foreign keys.
        func insertion(of tenant: String) -> String {
            let written = columns.filter { $0.isNeeded || $0.name == owner }
            let names = written.map { "\"\($0.name)\"" }.joined(separator: ", ")
            let values = written.map { $0.name == owner ? "'\(tenant)'::uuid" : $0.value }.joined(separator: ", ")
            return "INSERT INTO \(qualified) (\(names)) VALUES (\(values))"
        }
    }

    struct Column: Sendable {
        let name: String
        let isNeeded: Bool
        let isUpdatable: Bool
        /// An expression of its type, another one in each row where the type has many.
        let value: String
    }

    /// Tables that hold nothing of a tenant.
    static let exempt = ["nodes", "schema_migrations"]

    /// All tables but the exempt ones; partitions count as tables, because they can be named in a query.
    static func tables(_ database: TestDatabase) async throws -> [Table] {
        let columns = try await columns(database)
        return try await database.owner.withConnection { session in
            let rows = try await session.query(
                """
                SELECT c.relname::text AS name, c.relispartition AS is_partition, c.relkind = 'p' AS is_partitioned,
                    has_table_privilege('signalbox_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
                        OR has_any_column_privilege('signalbox_app', c.oid, 'SELECT, INSERT, UPDATE') AS is_granted
                FROM pg_class c
                WHERE c.relnamespace = 'signalbox'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
                """
            )
            return try rows.map { row in
                Table(
                    name: try row.string("name"),
                    isPartition: try row.bool("is_partition"),
                    isPartitioned: try row.bool("is_partitioned"),
                    isGranted: try row.bool("is_granted"),
                    columns: columns[try row.string("name")] ?? []
                )
            }
            .filter { !exempt.contains($0.name) }
        }
    }

    private static func columns(_ database: TestDatabase) async throws -> [String: [Column]] {
        try await database.owner.withConnection { session in
            let rows = try await session.query(
                """
                SELECT c.relname::text AS "table", a.attname::text AS name,
                    a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '' AS is_needed,
                    has_column_privilege('signalbox_app', c.oid, a.attnum, 'UPDATE') AS is_updatable,
                    format(
                        CASE
                            WHEN t.typcategory = 'A' THEN '''{}''::%s'
                            WHEN t.typname = 'uuid' THEN 'gen_random_uuid()::%s'
                            WHEN t.typcategory = 'S' THEN 'md5(random()::text)::%s'
                            WHEN t.typcategory = 'N' THEN '(random() * 1e9)::%s'
                            WHEN t.typcategory = 'B' THEN 'false::%s'
                            WHEN t.typcategory = 'D' THEN 'clock_timestamp()::%s'
                            WHEN t.typname IN ('json', 'jsonb') THEN '''{}''::%s'
                            WHEN t.typname = 'bytea' THEN '''''::%s'
                            ELSE 'NULL::%s'
                        END,
                        format_type(a.atttypid, a.atttypmod)
                    ) AS value
                FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                JOIN pg_type t ON t.oid = a.atttypid
                WHERE c.relnamespace = 'signalbox'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1, a.attnum
                """
            )
            var columns: [String: [Column]] = [:]
            for row in rows {
                columns[try row.string("table"), default: []].append(
                    Column(
                        name: try row.string("name"),
                        isNeeded: try row.bool("is_needed"),
                        isUpdatable: try row.bool("is_updatable"),
                        value: try row.string("value")
                    )
                )
            }
            return columns
        }
    }

    /// Gives every table two rows of each of these tenants, whatever else it demands of rows: a policy that is never asked
    /// refuses nothing.
    static func fill(_ tables: [Table], of tenants: [TenantID], in database: TestDatabase) async throws {
        try await database.owner.transaction { session in
            let checks = try await session.query(
                """
                SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name FROM pg_constraint
                WHERE contype = 'c' AND conislocal AND connamespace = 'signalbox'::regnamespace
                """
            )
            for check in checks {
                let (table, name) = (try check.string("table"), try check.string("name"))
                _ = try await session.query("ALTER TABLE \(table) DROP CONSTRAINT \(name)")
            }
            // No foreign keys and no triggers for now.
            _ = try await session.query("SET LOCAL session_replication_role = replica")
            for table in tables where !table.isPartition && table.name != "tenants" {
                for tenant in tenants {
                    for _ in 0..<2 { _ = try await session.query(table.insertion(of: tenant.text)) }
                }
            }
        }
    }
}
