import Domain
import JSON
import Postgres

/// The logs behind the live lists.
struct PostgresViews: ViewRepository {
    let transaction: PostgresTransaction

    func append(_ changes: [ItemChange], to view: View) async throws -> [ViewChange] {
        // The counter's row stays locked until the end of the transaction: the next one waits, so positions are in commit
        // order and a rolled-back one leaves no gap.
        let rows = try await transaction.query(
            """
            WITH counter AS (
                INSERT INTO signalbox.views AS v (tenant_id, view, epoch, seq)
                SELECT t.id, $2, t.epoch, $3 FROM signalbox.tenants t WHERE t.id = $1
                ON CONFLICT (tenant_id, view) DO UPDATE SET seq = v.seq + excluded.seq
                RETURNING v.seq
            ), changes AS (
                INSERT INTO signalbox.view_changes (tenant_id, view, seq, item, before, after)
                SELECT $1, $2, c.seq - $3 + i.number, i.item, i.before, i.after
                FROM counter c, unnest($4, $5, $6) WITH ORDINALITY AS i (item, before, after, number)
            )
            SELECT seq, pg_notify('\(DatabaseNames.channel)', 's ' || $1::text || ' ' || $2 || ' ' || seq) FROM counter
            """,
            [
                .text(view.rawValue), .int(changes.count), .texts(changes.map(\.item)), .jsons(changes.map(\.before)),
                .jsons(changes.map(\.after)),
            ]
        )
        guard let row = rows.first else { throw Self.noTenant }
        let first = try row.int64("seq") - Int64(changes.count) + 1
        return zip(first..., changes).map { seq, change in
            ViewChange(seq: seq, item: change.item, before: change.before, after: change.after)
        }
    }

    func position(of view: View) async throws -> Position {
        let rows = try await transaction.query(
            """
            SELECT coalesce(v.epoch, t.epoch) AS epoch, coalesce(v.seq, 0) AS seq
            FROM signalbox.tenants t LEFT JOIN signalbox.views v ON v.tenant_id = t.id AND v.view = $2
            WHERE t.id = $1
            """,
            [.text(view.rawValue)]
        )
        guard let row = rows.first else { throw Self.noTenant }
        return Position(epoch: try row.string("epoch"), seq: try row.int64("seq"))
    }

    func changes(of view: View, after seq: Int64, limit: Int) async throws -> [ViewChange] {
        let rows = try await transaction.query(
            """
            SELECT seq, item, before, after FROM signalbox.view_changes
            WHERE tenant_id = $1 AND view = $2 AND seq > $3 ORDER BY seq LIMIT $4
            """,
            [.text(view.rawValue), .int(seq), .int(limit)]
        )
        return try rows.map { row in
            ViewChange(
                seq: try row.int64("seq"),
                item: try row.string("item"),
                before: try row.jsonOrNil("before"),
                after: try row.jsonOrNil("after")
            )
        }
    }

    private static let noTenant = StoreError.failed(sqlState: "P0002", message: "the tenant does not exist")
}
