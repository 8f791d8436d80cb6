import Domain
import JSON
import Postgres

extension PostgresFlows {
    func snapshot(of flow: FlowID, upTo seq: Int64, isWhole: Bool) async throws -> FlowSnapshot? {
        let rows = try await transaction.query(
            """
            SELECT seq, state, outside, at FROM signalbox.flow_snapshots
            WHERE tenant_id = $1 AND flow_id = $2 AND seq <= $3 \(isWhole ? "AND outside IS NOT NULL" : "")
            ORDER BY seq DESC LIMIT 1
            """,
            [.id(flow), .int(seq)]
        )
        return try rows.first.map { row in
            FlowSnapshot(
                seq: try row.int64("seq"),
                state: try row.json("state"),
                outside: try row.jsonOrNil("outside"),
                at: try row.time("at")
            )
        }
    }

    func firstDocument(of flow: FlowID) async throws -> Int64? {
        let rows = try await transaction.query(
            """
            SELECT CASE WHEN e.first = 1 THEN 0 ELSE (
                SELECT min(s.seq) FROM signalbox.flow_snapshots s
                WHERE s.tenant_id = $1 AND s.flow_id = $2 AND s.seq >= e.first - 1 AND s.outside IS NOT NULL
            ) END AS seq
            FROM (
                SELECT min(seq) AS first FROM signalbox.flow_events
                WHERE tenant_id = $1 AND flow_id = $2 AND \(Self.isWithinLife("$2"))
            ) AS e
            """,
            [.id(flow)]
        )
        return try rows.first?.int64OrNil("seq")
    }

    func milestones(of flow: FlowID, after seq: Int64, limit: Int) async throws -> Page<Milestone> {
        // By its text, which is ours: reading a member of it would fail where any text of the event has a U+0000. What is
        // found too much is no milestone.
        let rows = try await transaction.query(
            """
            SELECT seq, event, at FROM signalbox.flow_events
            WHERE tenant_id = $1 AND flow_id = $2 AND seq > $3 AND \(Self.isWithinLife("$2"))
                AND event::text ~ '"type":"(STEP|RUN)_|"name":"signalbox[.]'
            ORDER BY seq LIMIT $4
            """,
            [.id(flow), .int(seq), .int(limit)]
        )
        let found = try rows.map { row in
            (seq: try row.int64("seq"), event: try row.json("event"), at: try row.time("at"))
        }
        return Page(
            items: found.compactMap { Milestone(seq: $0.seq, event: $0.event, at: $0.at) },
            next: found.count == limit ? found.last.map { String($0.seq) } : nil
        )
    }
}
