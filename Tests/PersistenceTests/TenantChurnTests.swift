import Domain
import Locking
import Persistence
import Postgres
import PropertySupport
import Reactor
import TestSupport
import Testing

/// Two tenants on three connections, which change hands all the time and after every kind of end.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(3)))
struct TenantChurnTests {
    private static let connections = 3
    private static let operations = 100_000

    @Test func connectionsThatChangeHandsKeepNothing() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let database = try await TestDatabase.make()
        let tenants = [
            try await database.makeTenant("acme", users: [.sample()]),
            try await database.makeTenant("bolt", users: [.sample()]),
        ]
        let workers = try WorkerGroup(count: 1)
        var options = PostgresStore.options(connectionsPerWorker: Self.connections)
        options.applicationName = "churn"
        let client = PostgresClient(
            database.configuration,
            options: options,
            workers: workers,
            blockingPool: TestDatabase.blockingPool
        )
        let tally = Tally()
        // As the server's own tasks: on the loop, and more of them than connections.
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask(executorPreference: workers.workers[0].taskExecutor) {
                    var churn = TenantChurn(client, tenants, number: number, seed: seed &+ UInt64(number), tally)
                    do {
                        while tally.operations < Self.operations, !tally.hasLeak { try await churn.turn() }
                    } catch {
                        tally.note(leak: "\(error)")
                    }
                }
            }
        }
        #expect(tally.leaks == [], "seed \(seed)")
        if !tally.hasLeak { try await check(tally, tenants, client, database, seed) }
        await client.close()
        _ = try? await TestDatabase.blockingPool.run { workers.shutDown() }
    }

    /// The test was what it says it was, and left behind what it should.
    private func check(
        _ tally: Tally,
        _ tenants: [Tenant],
        _ client: PostgresClient,
        _ database: TestDatabase,
        _ seed: UInt64
    ) async throws {
        #expect(tally.operations >= Self.operations)
        // Each way to end came up, or the test would prove less than it says.
        for end in TenantChurn.End.allCases { #expect(tally.count(of: end) > 10, "\(end), seed \(seed)") }
        try await checkConnections(client, database)
        for tenant in tenants { try await checkRows(of: tenant, database) }
    }

    /// The same connections served both tenants all along, with plans that are not made for one of them.
    private func checkConnections(_ client: PostgresClient, _ database: TestDatabase) async throws {
        let plans = try await client.withConnection { session in
            let sql = "SELECT coalesce(sum(generic_plans), 0)::bigint AS count FROM pg_prepared_statements"
            return try await session.query(sql)[0].int("count")
        }
        #expect(plans > 1000)
        let sessions = try await database.owner.withConnection { session in
            let sql = "SELECT count(*) AS count FROM pg_stat_activity WHERE application_name = 'churn'"
            return try await session.query(sql)[0].int("count")
        }
        #expect(sessions <= Self.connections)
    }

    /// Every row says who wrote it.
    private func checkRows(of tenant: Tenant, _ database: TestDatabase) async throws {
        for (table, column) in [
            ("flows", "created_by"), ("flow_events", "actor"), ("prompts", "created_by"), ("audit_log", "actor"),
            ("uploads", "created_by"), ("view_changes", "item"), ("assets", "environment"),
        ] {
            let row = try await database.owner.withConnection { session in
                try await session.query(
                    """
                    SELECT count(*) AS count, count(*) FILTER (WHERE \(column) IS DISTINCT FROM $2) AS strange
                    FROM signalbox.\(table) WHERE tenant_id = $1
                    """,
                    [.text(tenant.id.text), .text(tenant.name)]
                )[0]
            }
            #expect(try row.int("strange") == 0 && row.int("count") > 100, "\(table) of \(tenant.name)")
        }
    }
}

/// What happened, counted by all tasks.
final class Tally: Sendable {
    private let count = Atomic(0)
    private let found = Mutex<[String]>([])
    private let ends = Mutex<[TenantChurn.End: Int]>([:])

    /// Statements and calls of repositories that were answered or refused.
    var operations: Int { count.load(ordering: .relaxed) }
    var leaks: [String] { found.withLock(\.self) }
    var hasLeak: Bool { !leaks.isEmpty }

    func add(_ operations: Int) { count.add(operations, ordering: .relaxed) }
    func note(leak: String) { found.withLock { $0.append(leak) } }
    func note(_ end: TenantChurn.End) { ends.withLock { $0[end, default: 0] += 1 } }
    func count(of end: TenantChurn.End) -> Int { ends.withLock { $0[end] ?? 0 } }
}
