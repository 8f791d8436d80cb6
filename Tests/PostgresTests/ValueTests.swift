import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"))
struct ValueTests {
    let client: PostgresClient

    init() throws { client = try Database.make().client() }

    @Test func everyTypeComesBackAsItWasSent() async throws {
        let text = "naïve 'quote' \"double\" \\ back\nline 👩‍👩‍👧"
        let bytes: [UInt8] = Array(0...255)
        let uuid = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6"
        let row = try await client.withConnection { session in
            try await session.query(
                """
                SELECT $1::text AS text, $2::int8 AS big, $3::int4 AS normal, $4::int2 AS small, $5::bool AS yes,
                    $6::float8 AS wide, $7::bytea AS bytes, $8::uuid AS uuid, $9::timestamptz AS time, $10::text[] AS texts,
                    $11::json AS json, $12::text AS nothing, $13::float4 AS narrow
                """,
                [
                    .text(text), .int(.min), .int(-7), .int(300), .bool(true), .double(0.1), .bytes(bytes), .text(uuid),
                    .microseconds(1_763_899_083_120_457), .array(["", "a,b", "{\"x\"}", "NULL", "\\"]),
                    .text("{\"b\": 1.0,  \"a\":2}"), .null, .double(1.5),
                ]
            )
        }[0]
        #expect(try row.string("text") == text)
        #expect(try row.int64("big") == .min)
        #expect(try row.int("normal") == -7)
        #expect(try row.int("small") == 300)
        #expect(try row.bool("yes"))
        #expect(try row.double("wide") == 0.1)
        #expect(try row.double("narrow") == 1.5)
        #expect(try row.bytes("bytes") == bytes)
        #expect(try row.uuid("uuid") == uuid)
        #expect(try row.microseconds("time") == 1_763_899_083_120_457)
        #expect(try row.strings("texts") == ["", "a,b", "{\"x\"}", "NULL", "\\"])
        #expect(try row.string("json") == "{\"b\": 1.0,  \"a\":2}")
        #expect(try row.stringOrNil("nothing") == nil)
    }

    @Test(arguments: [Int64.random(in: -60_000_000_000_000_000...60_000_000_000_000_000), 0, -1, 946_684_800_000_000])
    func timesAgreeWithTheServer(microseconds: Int64) async throws {
        let row = try await client.withConnection { session in
            try await session.query(
                "SELECT (extract(epoch FROM $1::timestamptz) * 1000000)::bigint AS here, $1::timestamptz AS there",
                [.microseconds(microseconds)]
            )
        }[0]
        #expect(try row.int64("here") == microseconds)
        #expect(try row.microseconds("there") == microseconds)
    }

    @Test func aColumnThatIsNotAsExpectedIsNamed() async throws {
        let row = try await client.withConnection { try await $0.query("SELECT 1 AS one, NULL::text AS nothing") }[0]
        for read in [
            { _ = try row.string("one") }, { _ = try row.int64("two") }, { _ = try row.string("nothing") },
            { _ = try row.uuid("one") },
        ] as [() throws -> Void] {
            let error = #expect(throws: PostgresError.self) { try read() }
            #expect(error?.kind == .column)
        }
        let error = #expect(throws: PostgresError.self) { try row.int64("two") }
        #expect(error?.description.contains("two") == true)
    }

    @Test func textWithAZeroIsRefusedInsteadOfCutOff() async throws {
        let client = self.client
        #expect(
            try await kind(of: {
                try await client.withConnection { _ = try await $0.query("SELECT $1::text", [.text("a\0b")]) }
            }) == .invalidParameter
        )
        #expect(
            try await kind(of: {
                try await client.withConnection { _ = try await $0.query("SELECT $1::text[]", [.array(["a\0b"])]) }
            }) == .invalidParameter
        )
        // The connection is as good as before.
        let rows = try await client.withConnection { try await $0.query("SELECT 1 AS one") }
        #expect(try rows[0].int("one") == 1)
    }

    @Test func affectedRowsAreCounted() async throws {
        let counts = try await client.withConnection { session in
            try await session.script("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2)")
            return try await session.batch([
                PostgresStatement("INSERT INTO t VALUES ($1)", [.int(3)]),
                PostgresStatement("UPDATE t SET x = x + 1 WHERE x > $1", [.int(1)]),
                PostgresStatement("DELETE FROM t WHERE x = 99"),
                PostgresStatement("SELECT x FROM t"),
            ]).map(\.affected)
        }
        #expect(counts == [1, 2, 0, 3])
    }
}
