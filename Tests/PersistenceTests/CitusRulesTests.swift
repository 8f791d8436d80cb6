import Foundation
import Postgres
import TestSupport
import Testing

/// What docs/DATABASE.md says of the schema on Citus, beside the rules of ``SchemaRulesTests``.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct CitusRulesTests {
    let database: TestDatabase

    init() async throws { database = try await .make() }

    private func names(_ sql: String) async throws -> [String] {
        try await database.owner.withConnection { try await $0.query(sql) }.map { try $0.string("name") }
    }

    private static let isTable = """
        c.relnamespace = 'signalbox'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname NOT IN ('nodes', 'schema_migrations', 'tenants')
        """

    @Test func theDistributionColumnIsTheSameEverywhere() async throws {
        let found = try await names(
            """
            SELECT c.relname::text AS name FROM pg_class c
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE \(Self.isTable) AND (a.atttypid IS DISTINCT FROM 'uuid'::regtype OR NOT a.attnotnull)
            """
        )
        #expect(found == [])
    }

    /// Citus checks a foreign key between two shards of the same tenant only.
    @Test func foreignKeysGoFromTenantToTenantInTheSamePlace() async throws {
        let found = try await names(
            """
            SELECT k.conname::text AS name
            FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
            JOIN pg_class r ON r.oid = k.confrelid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
            JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.confkey[1]
            WHERE \(Self.isTable)
                AND NOT (a.attname = 'tenant_id' AND b.attname = CASE WHEN r.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END)
            """
        )
        #expect(found == [])
    }

    /// Narrower ones cannot give out numbers by node.
    @Test func identityColumnsAreWide() async throws {
        let found = try await names(
            """
            SELECT format('%s.%s', c.relname, a.attname) AS name
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
            WHERE \(Self.isTable) AND a.atttypid <> 'bigint'::regtype
            """
        )
        #expect(found == [])
    }

    /// A table that is new is distributed, too.
    @Test func theStatementsNameAllTables() async throws {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        while !FileManager.default.fileExists(atPath: root.appending(path: "Makefile").path), root.path != "/" {
            root.deleteLastPathComponent()
        }
        let text = try String(contentsOf: root.appending(path: "docs/DATABASE.md"), encoding: .utf8)
        let tables = try await names("SELECT c.relname::text AS name FROM pg_class c WHERE \(Self.isTable) ORDER BY 1")
        let statements = text.matches(of: /create_distributed_table\('signalbox\.(\w+)', 'tenant_id'/)
        #expect(statements.map { String($0.output.1) }.sorted() == tables)
    }
}
