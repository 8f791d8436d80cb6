import Domain
import Postgres
import Reactor
import TestSupport
import Testing

@testable import Persistence

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct MigratorTests {
    private func emptyDatabase(user: String = "postgres") throws -> PostgresClient {
        let cluster = try PostgresCluster.shared()
        let name = try cluster.createDatabase("migrate")
        if user != "postgres" {
            try cluster.run(sql: "CREATE ROLE \(user) LOGIN CREATEROLE; ALTER DATABASE \(name) OWNER TO \(user)")
        }
        return PostgresClient(
            try PostgresConfiguration("postgresql://\(user)@/\(name)?host=\(cluster.socketDirectory)"),
            options: Migrator.options,
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
    }

    @Test func aDryRunChangesNothing() async throws {
        let (planned, done, again) = try await emptyDatabase().withConnection { session in
            let planned = try await Migrator(session).run(dryRun: true)
            #expect(try await Migrator(session).run(dryRun: true) == planned)
            return (planned, try await Migrator(session).run(), try await Migrator(session).run())
        }
        #expect(planned == Migration.all.map(\.name))
        #expect(done == planned)
        #expect(again == [])
    }

    @Test func severalAtOnceDoTheWorkOnce() async throws {
        let client = try emptyDatabase()
        let other = client.workers.workers[1]
        async let first = client.withConnection { try await Migrator($0).run() }
        async let second = Task(executorPreference: other.taskExecutor) {
            try await client.withConnection { try await Migrator($0).run() }
        }.value
        let done = try await [first, second]
        #expect(done.map(\.count).sorted() == [0, Migration.all.count])
    }

    @Test func aChangedFileAndAnUnknownOneAreRefused() async throws {
        try await emptyDatabase().withConnection { session in
            _ = try await Migrator(session).run()
            let changed = Migration.all.map { $0.number == 2 ? $0.with(sql: $0.sql + "\n-- more") : $0 }
            await #expect(throws: MigrationError.changed(number: 2, name: "flows")) {
                try await Migrator(session, migrations: changed).run()
            }
            await #expect(throws: MigrationError.unknown(number: 8, name: "idempotency")) {
                try await Migrator(session, migrations: Migration.all.filter { $0.number < 8 }).run()
            }
        }
    }

    @Test func aFailedMigrationLeavesNothingBehind() async throws {
        try await emptyDatabase().withConnection { session in
            let broken = [Migration.all[0].with(sql: "CREATE TABLE signalbox.half (x int); SELECT 1/0")]
            await #expect(throws: MigrationError.self) { try await Migrator(session, migrations: broken).run() }
            let rows = try await session.query("SELECT to_regclass('signalbox.half') IS NULL AS is_gone")
            #expect(try rows[0].bool("is_gone"))
            #expect(try await Migrator(session).run() == Migration.all.map(\.name))
        }
    }

    @Test func anOwnerNeedNotBeASuperuser() async throws {
        // The roles are there before: only who made them or a superuser may hand them on.
        _ = try await TestDatabase.make()
        let client = try emptyDatabase(user: "owner_\(UInt32.random(in: 0...UInt32.max))")
        #expect(try await client.withConnection { try await Migrator($0).run() } == Migration.all.map(\.name))
        let tenant = try await TenantAdministration(client).provision(
            .init(id: .generate(), name: "acme"),
            users: [.sample()]
        )
        let again = try await TenantAdministration(client).provision(.init(id: .generate(), name: "acme"), users: [])
        #expect(again == tenant)
    }
}

extension Migration {
    fileprivate func with(sql: String) -> Migration { Migration(number: number, name: name, sql: sql) }
}
