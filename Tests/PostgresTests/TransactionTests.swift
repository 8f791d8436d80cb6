import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct TransactionTests {
    let database: Database
    let client: PostgresClient

    init() throws {
        database = try Database.make()
        client = database.client()
    }

    private struct Refusal: Error {}

    @Test func whatThrowsLeavesNothingBehind() async throws {
        try await client.withConnection { try await $0.script("CREATE TABLE t (x int PRIMARY KEY)") }
        await #expect(throws: Refusal.self) {
            try await client.transaction { session in
                _ = try await session.query("INSERT INTO t VALUES (1)")
                throw Refusal()
            }
        }
        try await client.transaction { _ = try await $0.query("INSERT INTO t VALUES (2)") }
        let rows = try await client.withConnection { try await $0.query("SELECT x FROM t") }
        #expect(try rows.map { try $0.int("x") } == [2])
    }

    @Test func setupIsPartOfTheTransaction() async throws {
        let value = try await client.transaction(
            setup: [PostgresStatement("SELECT set_config('app.word', $1, true)", [.text("here")])]
        ) { try await $0.query("SELECT current_setting('app.word') AS word") }
        #expect(try value[0].string("word") == "here")
        let after = try await client.withConnection {
            try await $0.query("SELECT current_setting('app.word', true) AS word")
        }
        #expect(try after[0].stringOrNil("word") ?? "" == "")
    }

    @Test func isolationAndReadOnlyAreWhatTheServerSees() async throws {
        let rows = try await client.transaction(isolation: .repeatableRead, readOnly: true) { session in
            try await session.query(
                "SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS only"
            )
        }
        #expect(try rows[0].string("level") == "repeatable read")
        #expect(try rows[0].string("only") == "on")
    }

    @Test func aHiddenFailureDoesNotPassForACommit() async throws {
        let client = self.client
        let result = try await kind(of: {
            try await client.transaction { session in
                _ = try? await session.query("SELECT 1/0")
            }
        })
        #expect(result == .transactionAborted)
    }

    @Test func concurrentUpdatesUnderSerializableConflict() async throws {
        try await client.withConnection { try await $0.script("CREATE TABLE n (x int); INSERT INTO n VALUES (0)") }
        let client = self.client
        let result = try await kind(of: {
            try await client.transaction(isolation: .serializable) { first in
                _ = try await first.query("SELECT x FROM n")
                try await client.transaction(isolation: .serializable) { second in
                    _ = try await second.query("UPDATE n SET x = x + 1")
                }
                _ = try await first.query("UPDATE n SET x = x + 1")
            }
        })
        #expect(result == .serializationFailure)
    }

    @Test func theErrorNamesTheConstraintAndNoValue() async throws {
        try await client.withConnection { session in
            try await session.script("CREATE TABLE u (secret text CONSTRAINT u_secret_key UNIQUE)")
            _ = try await session.query("INSERT INTO u VALUES ($1)", [.text("hunter2")])
        }
        do {
            try await client.withConnection { _ = try await $0.query("INSERT INTO u VALUES ($1)", [.text("hunter2")]) }
            Issue.record("the second row was accepted")
        } catch let error as PostgresError {
            #expect(error.kind == .uniqueViolation)
            #expect(error.sqlState == "23505")
            #expect(error.constraint == "u_secret_key")
            #expect(!error.isSafeToRetry)
            #expect(!"\(error)".contains("hunter2") && !"\(error)".contains("INSERT"))
            #expect(error.debugDescription.contains("hunter2"))
        }
    }

    @Test(arguments: [
        ("SELECT 1/0", PostgresError.Kind.refused), ("SELECT nonsense FROM nowhere", .refused),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$", .deadlock),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '42501'; END $$", .insufficientPrivilege),
    ])
    func kindsFollowTheSQLState(sql: String, expected: PostgresError.Kind) async throws {
        let client = self.client
        let result = try await kind(of: { try await client.withConnection { _ = try await $0.query(sql) } })
        #expect(result == expected)
    }

    @Test func aSlowStatementIsEndedByTheServer() async throws {
        let client = database.client { $0.statementTimeout = .milliseconds(50) }
        let result = try await kind(of: {
            try await client.withConnection { _ = try await $0.query("SELECT pg_sleep(60)") }
        })
        #expect(result == .timeout)
    }

    @Test func aBatchStopsAtItsFirstFailure() async throws {
        try await client.withConnection { try await $0.script("CREATE TABLE b (x int)") }
        let client = self.client
        let result = try await kind(of: {
            try await client.withConnection { session in
                _ = try await session.batch([
                    PostgresStatement("INSERT INTO b VALUES (1)"), PostgresStatement("SELECT 1/0"),
                    PostgresStatement("INSERT INTO b VALUES (2)"),
                ])
            }
        })
        #expect(result == .refused)
        let rows = try await client.withConnection { try await $0.query("SELECT x FROM b") }
        #expect(rows.isEmpty)
    }

    @Test func moreThanTheSocketBuffersHoldGoesBothWays() async throws {
        let large = String(repeating: "0123456789abcdef", count: 1 << 19)
        let results = try await client.transaction { session in
            try await session.batch((0..<4).map { _ in PostgresStatement("SELECT $1::text AS echo", [.text(large)]) })
        }
        for rows in results { #expect(try rows[0].string("echo").utf8.count == large.utf8.count) }
    }

    @Test func aSessionEndsWithItsScope() async throws {
        let client = self.client
        let escaped = try await client.withConnection { $0 }
        let result = try await kind(of: { _ = try await escaped.query("SELECT 1") })
        #expect(result == .closed)
    }
}
