import Postgres

/// The tables with rows of tenants, as the catalogue lists them, so that one that is added later is not forgotten.
struct TenantTables: Sendable {
    /// A table; a partitioned one stands for its partitions.
    struct Table: Sendable, Equatable {
        /// With the schema, quoted.
        let name: String
        /// The column that says whose a row is.
        let owner: String
        /// The columns that are stored, quoted and separated by commas.
        let columns: String
        /// All columns with their types.
        let shape: String
        /// Whether rows refer to others of the same table.
        let refersToItself: Bool
        /// What the account has to allow itself before it removes rows, separated by commas; empty where it may.
        let lacking: String
    }

    /// A column whose values a sequence gives out.
    struct Counter: Sendable {
        let table: Table
        /// Quoted.
        let column: String
        /// With the schema, quoted.
        let sequence: String
    }

    /// Each after those it refers to.
    let tables: [Table]
    let counters: [Counter]

    /// Reads the catalogue.
    /// - Throws: `PostgresError`; ``TenantMoveError/circle(_:)``.
    init(_ session: PostgresSession) async throws {
        let rows = try await session.query(Self.list)
        var waiting: [(table: Table, needs: Set<String>)] = try rows.map { row in
            let name = try row.string("name")
            let needs = Set(try row.strings("needs"))
            let table = Table(
                name: name,
                owner: try row.string("owner"),
                columns: try row.string("columns"),
                shape: try row.string("shape"),
                refersToItself: needs.contains(name),
                lacking: try row.string("lacking")
            )
            return (table, needs.subtracting([name]))
        }
        var ordered: [Table] = []
        var done: Set<String> = []
        while !waiting.isEmpty {
            let ready = waiting.filter { $0.needs.isSubset(of: done) }.map(\.table)
            guard !ready.isEmpty else { throw TenantMoveError.circle(waiting.map(\.table.name)) }
            ordered += ready
            done.formUnion(ready.map(\.name))
            waiting.removeAll { done.contains($0.table.name) }
        }
        tables = ordered
        let byName = Dictionary(ordered.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        counters = try await session.query(Self.sequences).compactMap { row in
            guard let table = byName[try row.string("table")] else { return nil }
            return Counter(table: table, column: try row.string("column"), sequence: try row.string("sequence"))
        }
    }

    private static let isTable = """
        c.relnamespace = '\(DatabaseNames.schema)'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        """

    private static let list = """
        SELECT c.oid::regclass::text AS name,
            CASE WHEN c.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END AS owner,
            string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns,
            string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS shape,
            ARRAY(SELECT DISTINCT k.confrelid::regclass::text FROM pg_constraint k
                WHERE k.conrelid = c.oid AND k.contype = 'f') AS needs,
            concat_ws(', ', CASE WHEN NOT has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END,
                CASE WHEN NOT has_table_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END) AS lacking
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE \(isTable)
        GROUP BY c.oid, c.relname
        HAVING c.relname = 'tenants' OR bool_or(a.attname = 'tenant_id')
        ORDER BY c.relname
        """

    private static let sequences = """
        SELECT c.oid::regclass::text AS "table", quote_ident(a.attname) AS "column",
            pg_get_serial_sequence(c.oid::regclass::text, a.attname::text) AS sequence
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE \(isTable) AND pg_get_serial_sequence(c.oid::regclass::text, a.attname::text) IS NOT NULL
        ORDER BY 1, 2
        """
}

extension [TenantTables.Table] {
    /// Runs `body` with the right to remove rows of these tables, which the owner took away from itself against accidents: a
    /// row is only removed when a look with the right to change rows finds none that refers to it. Within a transaction.
    func removably(_ session: PostgresSession, _ body: () async throws -> Void) async throws {
        let locked = filter { !$0.lacking.isEmpty }
        for table in locked { try await session.script("GRANT \(table.lacking) ON \(table.name) TO CURRENT_USER") }
        try await body()
        for table in locked { try await session.script("REVOKE \(table.lacking) ON \(table.name) FROM CURRENT_USER") }
    }
}
