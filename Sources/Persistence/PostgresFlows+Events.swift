import Domain
import JSON
import Postgres

extension PostgresFlows {
    func append(_ events: [FlowEvent], to flow: FlowID, at time: Timestamp, by actor: String) async throws {
        guard let last = events.last else { return }
        let texts = events.map(\.event.text)
        let patches = events.map { $0.patch?.text }
        let sizes = zip(texts, patches).map { String($0.utf8.count + ($1?.utf8.count ?? 0)) }
        let insert = PostgresStatement(
            """
            INSERT INTO signalbox.flow_events (tenant_id, flow_id, seq, event, patch, digest, bytes, actor, at)
            SELECT $1::uuid, $2::uuid, e.seq, e.event::json, e.patch::json, e.digest, e.bytes, $8, $9
            FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[])
                AS e (seq, event, patch, digest, bytes)
            """,
            [
                .id(flow), .array(events.map { String($0.seq) }), .array(texts), .array(patches),
                .array(events.map(\.digest)), .array(sizes), .text(actor), .time(time),
            ]
        )
        let notification = StoreNotification.stream(tenant: transaction.tenant, stream: .flow(flow), seq: last.seq)
        _ = try await transaction.batch([insert, PostgresTransaction.notify(notification)])
    }

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
