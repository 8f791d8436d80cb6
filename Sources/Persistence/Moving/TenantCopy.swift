import Domain
import Postgres

/// How many rows of a table were copied.
public struct MovedRows: Sendable, Equatable {
    /// The table, with its schema.
    public let table: String
    /// How many.
    public let rows: Int64
}

/// Copies the rows of one tenant from one database to another: from one consistent picture, in one transaction, so that the
/// other database has all of it or nothing.
struct TenantCopy: Sendable {
    let tenant: TenantID

    /// Rows read at once: each may have a document of megabytes.
    private static let batch = 100
    /// The class of the advisory lock of copies, which has nothing to do with those of nodes: the word `move`.
    private static let lock = 0x6D6F_7665

    /// Replaces what the target has of the tenant by what the source has, compares both, and runs `finish` in the same
    /// transaction.
    /// - Throws: ``TenantMoveError``, `PostgresError`; nothing is changed then.
    func replace(
        from source: PostgresClient,
        to target: PostgresClient,
        finish: String
    ) async throws -> [MovedRows] {
        try await source.transaction(isolation: .repeatableRead, readOnly: true, setup: tenant.context) { source in
            let tables = try await TenantTables(source).tables
            return try await target.transaction(setup: tenant.context + [tenant.asMover]) { target in
                _ = try await target.query(
                    "SELECT pg_advisory_xact_lock(\(Self.lock), hashtext($1))",
                    [.text(tenant.text)]
                )
                let there = try await TenantTables(target).tables
                for table in tables where !there.contains(where: { $0.name == table.name && $0.shape == table.shape }) {
                    throw TenantMoveError.differentTables(table.name)
                }
                guard there.count == tables.count else {
                    let names = there.map(\.name).filter { name in !tables.contains { $0.name == name } }
                    throw TenantMoveError.differentTables(names.joined(separator: ", "))
                }
                try await remove(there, target)
                var counts: [MovedRows] = []
                for table in tables {
                    try await copy(table, source, target)
                    let (sum, other) = (try await sum(of: table, source), try await sum(of: table, target))
                    guard sum == other else { throw TenantMoveError.differentRows(table: table.name) }
                    counts.append(MovedRows(table: table.name, rows: sum?.rows ?? 0))
                }
                try await target.script(finish)
                return counts
            }
        }
    }

    /// Removes all rows of the tenant. The transaction must have ``Identifier/asMover``.
    func remove(_ tables: [TenantTables.Table], _ session: PostgresSession) async throws {
        try await tables.removably(session) {
            for table in tables.reversed() {
                _ = try await session.query("DELETE FROM \(table.name) WHERE \(table.owner) = $1::uuid", [.id(tenant)])
            }
        }
    }

    /// The last values that sequences gave to rows of the tenant.
    func lastValues(_ session: PostgresSession) async throws -> [(counter: TenantTables.Counter, last: Int64)] {
        var values: [(counter: TenantTables.Counter, last: Int64)] = []
        for counter in try await TenantTables(session).counters {
            let rows = try await session.query(
                "SELECT max(\(counter.column)) AS last FROM \(counter.table.name) WHERE \(counter.table.owner) = $1::uuid",
                [.id(tenant)]
            )
            if let last = try rows.first?.int64OrNil("last") { values.append((counter, last)) }
        }
        return values
    }

    /// Rows travel as the text of a whole row, which every type reads back as it was.
    private func copy(_ table: TenantTables.Table, _ source: PostgresSession, _ target: PostgresSession) async throws {
        let cursor = "SELECT t::text AS row FROM \(table.name) t WHERE t.\(table.owner) = '\(tenant)'"
        try await source.script("DECLARE moved NO SCROLL CURSOR FOR \(cursor)")
        let insertion = """
            INSERT INTO \(table.name) (\(table.columns)) OVERRIDING SYSTEM VALUE SELECT \(table.values)
            FROM (SELECT m.row::\(table.name) AS r FROM
            """
        // Rows that refer to others of their table come in one statement, so that none is missing when it is looked for.
        if table.refersToItself { try await target.script("CREATE TEMP TABLE moved (row text) ON COMMIT DROP") }
        while true {
            let rows = try await source.query("FETCH FORWARD \(Self.batch) FROM moved").map { try $0.string("row") }
            if rows.isEmpty { break }
            _ = try await target.query(
                table.refersToItself
                    ? "INSERT INTO pg_temp.moved SELECT unnest($1::text[])"
                    : "\(insertion) unnest($1::text[]) AS m (row) OFFSET 0) AS whole",
                [.binaryArray(.texts(rows))]
            )
        }
        try await source.script("CLOSE moved")
        guard table.refersToItself else { return }
        try await target.script("\(insertion) pg_temp.moved AS m OFFSET 0) AS whole; DROP TABLE pg_temp.moved")
    }

    /// A table's rows of the tenant, added up in any order.
    private struct Sum: Equatable {
        let rows: Int64
        let first: String
        let second: String
    }

    private func sum(of table: TenantTables.Table, _ session: PostgresSession) async throws -> Sum? {
        try await session.query(
            """
            SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS first,
                coalesce(sum(hashtextextended(t::text, 1)), 0)::text AS second
            FROM \(table.name) t WHERE t.\(table.owner) = $1::uuid
            """,
            [.id(tenant)]
        ).first.map { Sum(rows: try $0.int64("rows"), first: try $0.string("first"), second: try $0.string("second")) }
    }
}

extension TenantTables.Table {
    /// The stored columns of a row called `r`.
    fileprivate var values: String { columns.split(separator: ", ").map { "(r).\($0)" }.joined(separator: ", ") }
}
