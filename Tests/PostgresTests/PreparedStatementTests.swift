import TestSupport
import Testing

@testable import Postgres

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct PreparedStatementTests {
    let database: Database
    let client: PostgresClient

    init() throws {
        database = try Database.make()
        client = database.client { $0.connectionsPerWorker = 1 }
    }

    private static func count(_ session: PostgresSession) async throws -> Int {
        try await session.query("SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name <> ''")[0].int("n")
    }

    @Test func whatComesAgainIsPrepared() async throws {
        try await client.withConnection { session in
            for value in 1...4 {
                let rows = try await session.query("SELECT $1::int + 1 AS next", [.int(value)])
                #expect(try rows[0].int("next") == value + 1)
                let count = try await Self.count(session)
                #expect(count == [0, 2, 2, 2][value - 1])
            }
        }
    }

    @Test func parametersOfAnotherTypeAreAnotherStatement() async throws {
        try await client.withConnection { session in
            try await session.script("CREATE TABLE b (x bytea)")
            for _ in 1...3 {
                _ = try await session.query("INSERT INTO b VALUES ($1)", [.bytes([0, 1, 255])])
                _ = try await session.query("INSERT INTO b VALUES ($1)", [.null])
                _ = try await session.query("INSERT INTO b VALUES ($1)", [.text("\\x00")])
            }
            let rows = try await session.query("SELECT count(x)::int AS n, count(*)::int AS all FROM b")
            #expect(try rows[0].int("n") == 6 && rows[0].int("all") == 9)
        }
    }

    @Test func aBatchMayPrepareAndFail() async throws {
        let client = self.client
        for _ in 1...3 {
            let result = try await kind(of: {
                try await client.withConnection { session in
                    _ = try await session.batch([PostgresStatement("SELECT 1/0"), PostgresStatement("SELECT 2 AS two")])
                }
            })
            #expect(result == .refused)
        }
        let rows = try await client.withConnection { try await $0.query("SELECT 2 AS two") }
        #expect(try rows[0].int("two") == 2)
    }

    @Test func whatCannotBePreparedStaysRefused() async throws {
        let client = self.client
        for _ in 1...3 {
            let result = try await kind(of: {
                _ = try await client.withConnection { try await $0.query("SELECT nonsense FROM nowhere") }
            })
            #expect(result == .refused)
        }
    }

    @Test(arguments: ["ALTER TABLE p ADD y int DEFAULT 2", "DEALLOCATE ALL"])
    func aStatementThatNoLongerFitsIsPreparedAnew(_ change: String) async throws {
        let client = self.client
        try await client.withConnection { try await $0.script("CREATE TABLE p (x int); INSERT INTO p VALUES (1)") }
        @Sendable func read() async throws {
            let rows = try await client.withConnection { try await $0.query("SELECT * FROM p") }
            #expect(try rows[0].int("x") == 1)
        }
        for _ in 1...3 { try await read() }
        try await client.withConnection { try await $0.script(change) }
        #expect(try await kind(of: read) == .stalePlan)
        for _ in 1...3 { try await read() }
    }

    @Test func aConnectionPreparesNoMoreThanItsLimit() async throws {
        try await client.withConnection { session in
            for number in 0..<(PreparedStatements.limit + 20) {
                let statement = PostgresStatement("SELECT \(number)")
                _ = try await session.batch([statement, statement])
            }
            #expect(try await Self.count(session) == PreparedStatements.limit)
        }
    }

    @Test func aStatementThatCannotBeSentDoesNotTakeTheBeginningOfItsTransactionAlong() async throws {
        struct Refusal: Error {}
        try await client.withConnection { try await $0.script("CREATE TABLE t (x text)") }
        await #expect(throws: Refusal.self) {
            try await client.transaction { session in
                let result = try await kind(of: {
                    _ = try await session.query("INSERT INTO t VALUES ($1)", [.text("a\0b")])
                })
                #expect(result == .invalidParameter)
                _ = try await session.query("INSERT INTO t VALUES ('lost')")
                throw Refusal()
            }
        }
        let rows = try await client.withConnection { try await $0.query("SELECT FROM t") }
        #expect(rows.isEmpty)
    }

    @Test func aTransactionInWhichNothingIsDoneLeavesNothingBehind() async throws {
        struct Refusal: Error {}
        try await client.transaction { _ in }
        await #expect(throws: Refusal.self) { try await client.transaction { _ in throw Refusal() } }
        let rows = try await client.withConnection { session in
            try await session.query("SELECT pg_current_xact_id_if_assigned() IS NULL AS is_outside")
        }
        #expect(try rows[0].bool("is_outside"))
    }

    @Test func aScriptInATransactionBelongsToIt() async throws {
        struct Refusal: Error {}
        await #expect(throws: Refusal.self) {
            try await client.transaction { session in
                try await session.script("CREATE TABLE s (x int); INSERT INTO s VALUES (1)")
                throw Refusal()
            }
        }
        let rows = try await client.withConnection { try await $0.query("SELECT to_regclass('s') IS NULL AS is_gone") }
        #expect(try rows[0].bool("is_gone"))
    }
}
