import Domain
import JSON
import Postgres

extension PostgresFlows {
    func events(of flow: FlowID, after seq: Int64, limit: Int, bytes: Int) async throws -> [FlowEvent] {
        let statement = Self.events(of: flow, after: seq, limit: limit, bytes: bytes)
        return try Self.events(try await transaction.query(statement.sql, statement.parameters))
    }

    /// What reads a page of events; its answer is for ``events(_:)``.
    static func events(of flow: FlowID, after seq: Int64, limit: Int, bytes: Int) -> PostgresStatement {
        PostgresStatement(
            """
            SELECT seq, event, patch, digest
            FROM (
                SELECT seq, event, patch, digest, sum(bytes) OVER (ORDER BY seq) - bytes AS bytes_before
                FROM signalbox.flow_events
                WHERE tenant_id = $1 AND flow_id = $2 AND seq > $3 AND \(Self.isWithinLife("$2"))
                ORDER BY seq LIMIT $4
            ) AS page
            WHERE bytes_before < $5::bigint ORDER BY seq
            """,
            [.id(flow), .int(seq), .int(limit), .int(bytes)]
        )
    }

    /// The events of an answer.
    static func events(_ rows: PostgresRows) throws -> [FlowEvent] {
        try rows.map { row in
            FlowEvent(
                seq: try row.int64("seq"),
                event: try row.json("event"),
                patch: try row.jsonOrNil("patch"),
                digest: try row.stringOrNil("digest")
            )
        }
    }

    func eventBytes(of flow: FlowID, after seq: Int64) async throws -> Int64? {
        let rows = try await transaction.query(
            """
            SELECT coalesce(sum(bytes), 0)::bigint AS bytes,
                count(*) = (SELECT f.seq FROM signalbox.flows f WHERE f.tenant_id = $1 AND f.id = $2) - $3 AS is_whole
            FROM signalbox.flow_events
            WHERE tenant_id = $1 AND flow_id = $2 AND seq > $3 AND \(Self.isWithinLife("$2"))
            """,
            [.id(flow), .int(seq)]
        )
        return try rows.first.flatMap { try $0.boolOrNil("is_whole") == true ? try $0.int64("bytes") : nil }
    }

    /// The condition that an event is not older than its flow, which it never is: so no partition from before that is read.
    static func isWithinLife(_ flow: String) -> String {
        "at >= (SELECT created_at FROM signalbox.flows WHERE tenant_id = $1 AND id = \(flow))"
    }
}
