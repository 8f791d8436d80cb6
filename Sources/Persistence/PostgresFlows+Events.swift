import Domain
import JSON
import Postgres

extension PostgresFlows {
    func events(of flow: FlowID, after seq: Int64, limit: Int, bytes: Int) async throws -> [FlowEvent] {
        let rows = try await transaction.query(
            """
            SELECT seq, event, patch, digest
            FROM (
                SELECT seq, event, patch, digest, sum(bytes) OVER (ORDER BY seq) - bytes AS bytes_before
                FROM signalbox.flow_events
                WHERE tenant_id = $1 AND flow_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
            ) AS page
            WHERE bytes_before < $5::bigint ORDER BY seq
            """,
            [.id(flow), .int(seq), .int(limit), .int(bytes)]
        )
        return try rows.map { row in
            FlowEvent(
                seq: try row.int64("seq"),
                event: try row.json("event"),
                patch: try row.jsonOrNil("patch"),
                digest: try row.stringOrNil("digest")
            )
        }
    }

    func eventBytes(of flow: FlowID, after seq: Int64) async throws -> Int64 {
        let rows = try await transaction.query(
            """
            SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM signalbox.flow_events
            WHERE tenant_id = $1 AND flow_id = $2 AND seq > $3
            """,
            [.id(flow), .int(seq)]
        )
        return try rows.first?.int64("bytes") ?? 0
    }
}
