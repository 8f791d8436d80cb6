import Domain
import Postgres
import TestSupport
import Testing

/// What the application's role can do with SQL of its own, table by table as the catalogue lists them.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct RowSecurityTests {
    private let tenants: TwoTenants
    private let tables: [Catalogue.Table]

    init() async throws {
        tenants = try await .make()
        tables = try await Catalogue.tables(tenants.database)
        try await Catalogue.fill(tables, of: [tenants.a.id, tenants.b.id], in: tenants.database)
    }

    /// What became of a statement that was run and undone.
    private enum Outcome: Equatable {
        /// The SQLSTATE.
        case refused(String)
        case done(rows: Int)
    }

    private struct Undone: Error {
        let rows: Int
        let isHarmless: Bool
    }

    /// Runs a statement as the application's role, with `tenant` as the setting, and undoes it. Whatever it was, the rows of
    /// the second tenant must be the same afterwards, bit by bit: the superuser looks, in the same transaction.
    private func attempt(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        as tenant: TenantID?,
        on table: Catalogue.Table
    ) async throws -> Outcome {
        let look = """
            SELECT coalesce(md5(string_agg(t::text || t.ctid::text || t.xmax::text, ',' ORDER BY t.ctid)), '') AS rows
            FROM \(table.qualified) t WHERE \(table.owner) = $1
            """
        let before = try await tenants.database.owner.withConnection { session in
            try await session.query(look, [.text(tenants.b.id.text)])[0].string("rows")
        }
        do {
            return try await tenants.database.client.transaction { session in
                if let tenant { try await assume(tenant, session) }
                let rows = try await session.query(sql, parameters)
                _ = try await session.query("SET LOCAL ROLE postgres")
                let after = try await session.query(look, [.text(tenants.b.id.text)])[0].string("rows")
                throw Undone(rows: rows.affected, isHarmless: after == before)
            }
        } catch let undone as Undone {
            #expect(undone.isHarmless, "\(sql) changed another tenant's rows")
            return .done(rows: undone.rows)
        } catch let error as PostgresError {
            return .refused(try #require(error.sqlState, "\(sql): \(error)"))
        }
    }

    private func assume(_ tenant: TenantID, _ session: PostgresSession) async throws {
        _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(tenant.text)])
    }

    /// How many rows of a tenant there are, policies or not.
    private func count(_ table: Catalogue.Table, of tenant: TenantID) async throws -> Int {
        try await tenants.database.owner.withConnection { session in
            let sql = "SELECT count(*) AS count FROM \(table.qualified) WHERE \(table.owner) = $1"
            return try await session.query(sql, [.text(tenant.text)])[0].int("count")
        }
    }

    /// Everything that could be tried on a table, by what it does.
    private func statements(_ table: Catalogue.Table) -> [String] {
        let name = table.qualified
        let changes = table.updatable.map { "\"\($0.name)\" = \($0.value)" }.joined(separator: ", ")
        return [
            "SELECT * FROM \(name)", "SELECT FROM ONLY \(name)", "SELECT FROM \(name) FOR SHARE",
            "DELETE FROM \(name)", "TRUNCATE \(name)",
            "UPDATE \(name) SET \(changes.isEmpty ? "\(table.owner) = \(table.owner)" : changes)",
            table.insertion(of: tenants.b.id.text),
        ]
    }

    @Test func withoutATenantEveryStatementFails() async throws {
        for table in tables {
            let rows = try await count(table, of: tenants.b.id)
            #expect(rows > 0 || table.isPartition, "\(table) has no rows to protect")
            for sql in statements(table) {
                // A connection that never had a tenant does not know the setting; one that had keeps an empty one.
                let outcome = try await attempt(sql, as: nil, on: table)
                let isRefused = ["42704", "22P02", "42501"].contains { outcome == .refused($0) }
                // No policy is asked where there are no rows: in a partitioned table itself, in an empty partition.
                let isEmpty = table.isPartition || table.isPartitioned && sql.contains("ONLY")
                #expect(isRefused || isEmpty && outcome == .done(rows: 0), "\(sql): \(outcome)")
            }
        }
    }

    @Test(arguments: ["", "nonsense", "*", "00000000-0000-0000-0000-000000000000"])
    func aTenantThatIsNoneSeesNothing(setting: String) async throws {
        for table in tables {
            do {
                let rows = try await tenants.database.client.transaction { session in
                    _ = try await session.query("SELECT set_config('app.tenant_id', $1, true)", [.text(setting)])
                    return try await session.query("SELECT FROM \(table.qualified)").count
                }
                #expect(rows == 0 && (setting.hasPrefix("0000") || table.isPartition), "\(table)")
            } catch let error as PostgresError {
                let expected = table.isPartition && !table.isGranted ? "42501" : "22P02"
                #expect(error.sqlState == expected, "\(table): \(error)")
            }
        }
    }

    @Test func aTenantReadsItsOwnRowsOnly() async throws {
        for table in tables where table.isGranted {
            let own = try await count(table, of: tenants.a.id)
            for sql in ["SELECT FROM \(table.qualified)", "SELECT FROM ONLY \(table.qualified)"] {
                let outcome = try await attempt(sql, as: tenants.a.id, on: table)
                // The rows of a partitioned table are in its partitions.
                let isEmpty = table.isPartitioned && sql.contains("ONLY")
                #expect(outcome == .done(rows: isEmpty ? 0 : own), "\(sql): \(outcome)")
            }
            let theirs = "SELECT FROM \(table.qualified) WHERE \(table.owner) = $1"
            #expect(
                try await attempt(theirs, [.text(tenants.b.id.text)], as: tenants.a.id, on: table) == .done(rows: 0)
            )
        }
    }

    @Test func aTenantChangesItsOwnRowsOnly() async throws {
        for table in tables where table.isGranted {
            let own = try await count(table, of: tenants.a.id)
            for sql in statements(table) where !sql.hasPrefix("INSERT") {
                switch try await attempt(sql, as: tenants.a.id, on: table) {
                // A right that is missing, or a foreign key that the values break.
                case .refused(let state): #expect(["42501", "23503"].contains(state), "\(sql): \(state)")
                case .done(let rows):
                    let isEmpty = table.isPartitioned && sql.contains("ONLY")
                    #expect(rows == (isEmpty ? 0 : own), "\(sql): \(rows)")
                }
            }
            let gift = "UPDATE \(table.qualified) SET \(table.owner) = '\(tenants.b.id)'"
            #expect(try await attempt(gift, as: tenants.a.id, on: table) == .refused("42501"), "\(gift)")
        }
    }

    @Test func aTenantAddsRowsOfItsOwnOnly() async throws {
        for table in tables where table.isGranted {
            let theirs = try await attempt(table.insertion(of: tenants.b.id.text), as: tenants.a.id, on: table)
            #expect(theirs == .refused("42501"), "\(table): \(theirs)")
            // It is the policy that refuses, not a missing right: the same row of its own gets further, to its foreign keys.
            let mayInsert = try await tenants.database.owner.withConnection { session in
                let sql = "SELECT has_table_privilege('signalbox_app', $1::regclass, 'INSERT') AS may"
                return try await session.query(sql, [.text(table.qualified)])[0].bool("may")
            }
            let own = try await attempt(table.insertion(of: tenants.a.id.text), as: tenants.a.id, on: table)
            #expect((own == .refused("42501")) != mayInsert, "\(table): \(own)")
        }
    }

    /// The planner's statistics hold values of rows.
    @Test func statisticsShowNothing() async throws {
        let sql =
            "SELECT FROM pg_stats WHERE schemaname = 'signalbox' AND tablename NOT IN ('nodes', 'schema_migrations')"
        let all = try await tenants.database.owner.withConnection { session in
            _ = try await session.query("ANALYZE")
            return try await session.query(sql).count
        }
        let seen = try await tenants.database.client.transaction { session in
            try await assume(tenants.a.id, session)
            return try await session.query(sql).count
        }
        #expect(seen == 0 && all > 100)
    }
}
