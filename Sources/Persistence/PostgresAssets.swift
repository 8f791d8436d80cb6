import Domain
import JSON
import Postgres

/// The inventory.
struct PostgresAssets: AssetRepository {
    let transaction: PostgresTransaction

    private static let columns = "id, key, flow_id, name, type, environment, attributes, source_row, created_at"

    /// Rows sent in one statement.
    private static let batch = 500

    func upsert(_ assets: [Asset]) async throws {
        // One statement must not touch a row twice; of two assets with one key the later one counts.
        var latest: [[String]: Int] = [:]
        for (index, asset) in assets.enumerated() { latest[[asset.flow.text, asset.key]] = index }
        let unique = latest.values.sorted().map { assets[$0] }
        let statements = stride(from: 0, to: unique.count, by: Self.batch).map { start in
            Self.upsert(unique[start..<min(start + Self.batch, unique.count)])
        }
        _ = try await transaction.batch(statements)
    }

    func list(
        query: String?,
        environment: String?,
        type: String?,
        flow: FlowID?,
        limit: Int,
        cursor: String?
    ) async throws -> Page<Asset>? {
        var after: (name: String, id: AssetID)?
        if let cursor {
            guard let parts = Cursor.decode(cursor, count: 2), let id = AssetID(parts[1]) else { return nil }
            after = (name: parts[0], id: id)
        }
        var select = Select()
        if let query, !query.isEmpty {
            let arguments: [PostgresValue] = [
                .text(Self.pattern(query)), .optional(environment), .optional(type), .id(flow), .optional(after?.name),
                .id(after?.id), .int(limit + 1),
            ]
            let places = arguments.map { select.bind($0) }.joined(separator: ", ")
            select.require("id IN (SELECT signalbox.search_assets(\(places)))")
        } else {
            select.require("environment", environment)
            select.require("type", type)
            select.require("flow_id", flow?.text)
            if let after {
                select.require("(name, id) > (\(select.bind(.text(after.name))), \(select.bind(.id(after.id))))")
            }
        }
        let count = select.bind(.int(limit + 1))
        let rows = try await transaction.query(
            "SELECT \(Self.columns) FROM signalbox.assets \(select.clause) ORDER BY name, id LIMIT \(count)",
            select.parameters
        )
        return try Page(rows, limit: limit, item: Self.asset) { [$0.name, $0.id.text] }
    }

    func count(flow: FlowID) async throws -> Int {
        let rows = try await transaction.query(
            "SELECT count(*) AS count FROM signalbox.assets WHERE tenant_id = $1 AND flow_id = $2",
            [.id(flow)]
        )
        return try rows.first?.int("count") ?? 0
    }

    func find(_ id: AssetID) async throws -> Asset? {
        let rows = try await transaction.query(
            "SELECT \(Self.columns) FROM signalbox.assets WHERE tenant_id = $1 AND id = $2",
            [.id(id)]
        )
        return try rows.first.map(Self.asset)
    }

    private static func upsert(_ assets: ArraySlice<Asset>) -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO signalbox.assets (
                tenant_id, id, flow_id, key, name, type, environment, attributes, search, source_row, created_at
            )
            SELECT $1::uuid, a.id, a.flow_id, a.key, a.name, a.type, a.environment, a.attributes::json, a.search,
                a.source_row, timestamptz 'epoch' + a.created_at * interval '1 microsecond'
            FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::bigint[], $11::bigint[])
                AS a (id, flow_id, key, name, type, environment, attributes, search, source_row, created_at)
            ON CONFLICT (tenant_id, flow_id, key) DO UPDATE SET
                name = excluded.name, type = excluded.type, environment = excluded.environment,
                attributes = excluded.attributes, search = excluded.search, source_row = excluded.source_row
            """,
            [
                .array(assets.map(\.id.text)), .array(assets.map(\.flow.text)), .array(assets.map(\.key)),
                .array(assets.map(\.name)), .array(assets.map(\.type)), .array(assets.map(\.environment)),
                .array(assets.map(\.attributes.text)), .array(assets.map(searchText)),
                .array(assets.map { String($0.sourceRow) }), .array(assets.map { String($0.createdAt.microseconds) }),
            ]
        )
    }

    private static func asset(_ row: PostgresRow) throws -> Asset {
        Asset(
            id: try row.id("id"),
            key: try row.string("key"),
            flow: try row.id("flow_id"),
            name: try row.string("name"),
            type: try row.stringOrNil("type"),
            environment: try row.stringOrNil("environment"),
            attributes: try row.json("attributes"),
            sourceRow: try row.int("source_row"),
            createdAt: try row.time("created_at")
        )
    }

    /// A `LIKE` pattern for text that contains `query`.
    private static func pattern(_ query: String) -> String {
        var pattern = "%"
        for character in searchable(query).unicodeScalars {
            if character == "\\" || character == "%" || character == "_" { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }

    private static func searchText(_ asset: Asset) -> String {
        var lines = [asset.name]
        collect(asset.attributes, into: &lines)
        return searchable(lines.joined(separator: "\n"))
    }

    private static func collect(_ value: JSON, into lines: inout [String]) {
        switch value {
        case .null, .bool: break
        case .number(let number): lines.append(number.text)
        case .string(let text): lines.append(text)
        case .array(let values): for value in values { collect(value, into: &lines) }
        case .object(let members): for member in members { collect(member.value, into: &lines) }
        }
    }

    /// Lower case, without U+0000, which Postgres cannot hold and nobody searches for.
    private static func searchable(_ text: String) -> String {
        let lower = text.lowercased()
        guard lower.utf8.contains(0) else { return lower }
        return String(decoding: lower.utf8.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
