import Domain
import JSON
import Postgres

extension PostgresFlows {
    func lock(_ id: FlowID) async throws -> FlowVersion? {
        let rows = try await transaction.query(
            "SELECT seq, commit_id FROM signalbox.flows WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
            [.id(id)]
        )
        return try rows.first.map { FlowVersion(seq: try $0.int64("seq"), commit: try $0.idOrNil("commit_id")) }
    }

    func records(of ids: [FlowID], locked: Bool) async throws -> [FlowRecord] {
        let flows = PostgresValue.uuids(ids)
        let found = try await transaction.batch([
            PostgresStatement(
                """
                SELECT \(Self.columns), commit_id FROM signalbox.flows
                WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id \(locked ? "FOR UPDATE" : "")
                """,
                [flows]
            ),
            PostgresStatement(
                """
                SELECT \(Self.stepColumns) FROM signalbox.flow_steps
                WHERE tenant_id = $1 AND flow_id = ANY ($2) ORDER BY first_started_at, ordinal
                """,
                [flows]
            ),
            PostgresStatement(
                """
                SELECT \(Self.effectColumns) FROM signalbox.flow_effects e
                WHERE e.tenant_id = $1 AND e.flow_id = ANY ($2) AND NOT EXISTS (
                    SELECT FROM signalbox.flow_steps s
                    WHERE s.tenant_id = $1 AND s.flow_id = e.flow_id AND s.name = e.step AND s.round = e.round
                        AND s.status = 'done'
                )
                ORDER BY e.ordinal
                """,
                [flows]
            ),
            PostgresStatement(
                "SELECT flow_id, lease FROM signalbox.flow_work WHERE tenant_id = $1 AND flow_id = ANY ($2)",
                [flows]
            ),
            PostgresStatement(
                """
                SELECT * FROM signalbox.prompts
                WHERE tenant_id = $1 AND flow_id = ANY ($2) AND \(PostgresPrompts.pending) ORDER BY created_at, id
                """,
                [flows]
            ),
        ])
        let steps = try Dictionary(grouping: found[1]) { row -> FlowID in try row.id("flow_id") }
        let effects = try Dictionary(grouping: found[2]) { row -> FlowID in try row.id("flow_id") }
        let leases = try Dictionary(grouping: found[3]) { row -> FlowID in try row.id("flow_id") }
        let prompts = try Dictionary(grouping: found[4]) { row -> FlowID in try row.id("flow_id") }
        return try found[0].map { row in
            let flow = try Self.flow(row)
            return FlowRecord(
                flow: flow,
                commit: try row.idOrNil("commit_id"),
                steps: try steps[flow.id]?.map(Self.step) ?? [],
                effects: try effects[flow.id]?.map(Self.effect) ?? [],
                openPrompts: try prompts[flow.id]?.map { try $0.prompt() } ?? [],
                lease: try leases[flow.id]?.first?.int64OrNil("lease")
            )
        }
    }

    func commit(_ changes: [FlowChange], as id: CommitID) async throws -> Set<FlowID> {
        let statements = Self.statements(of: changes, as: id, tenant: transaction.tenant)
        return try Self.written(changes, try await transaction.batch(statements))
    }

    func happened(_ marks: [CommitMark]) async throws -> Set<CommitMark> {
        let rows = try await transaction.query(
            """
            SELECT m.number FROM unnest($2, $3, $4) WITH ORDINALITY AS m (flow_id, seq, commit_id, number)
            JOIN signalbox.flow_events e
                ON e.tenant_id = $1 AND e.flow_id = m.flow_id AND e.seq = m.seq AND e.commit_id = m.commit_id
            """,
            [.uuids(marks.map(\.flow)), .bigints(marks.map(\.seq)), .uuids(marks.map(\.commit))]
        )
        return Set(try rows.map { marks[try $0.int("number") - 1] })
    }

    /// What commits changes, in one round trip; the first statement returns who was written.
    static func statements(of changes: [FlowChange], as id: CommitID, tenant: TenantID) -> [PostgresStatement] {
        let flows = changes.map(\.flow)
        let versions = changes.map(\.expected)
        let owners = changes.flatMap { change in repeatElement(change.flow.id, count: change.events.count) }
        let events = changes.flatMap(\.events)
        let texts = events.map { $0.event.event.serialized() }
        let patches = events.map { $0.event.patch?.serialized() }
        let outbox = Outbox(events)
        let parameters: [PostgresValue] = [
            .id(id), .uuids(flows.map(\.id)), .bigints(versions.map(\.seq)), .uuids(versions.map(\.commit)),
            .texts(flows.map(\.status.rawValue)), .texts(flows.map(\.phase)),
            .jsons(changes.map { $0.isStateChanged ? $0.flow.state : nil }), .bigints(flows.map(\.seq)),
            .uuids(flows.map(\.run)), .times(flows.map(\.updatedAt)),
            .bigints(flows.map { Int64($0.openPrompts) }), .uuids(owners), .bigints(events.map(\.event.seq)),
            .binaryArray(.jsons(texts)), .binaryArray(.jsons(patches)), .texts(events.map(\.event.digest)),
            .bigints(zip(texts, patches).map { Int64($0.count + ($1?.count ?? 0)) }),
            .texts(events.map(\.actor)), .times(events.map(\.at)), .bigints(changes.map(\.lease)),
        ]
        let write = PostgresStatement(
            """
            WITH written AS (
                UPDATE signalbox.flows f SET
                    status = c.status, phase = c.phase, state = coalesce(c.state, f.state), seq = c.seq,
                    run_id = c.run_id, updated_at = c.updated_at, open_prompts = c.open_prompts, commit_id = $2::uuid
                FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $21) WITH ORDINALITY
                    AS c (id, expected_seq, expected_commit, status, phase, state, seq, run_id, updated_at,
                        open_prompts, lease, number)
                WHERE f.tenant_id = $1 AND f.id = c.id AND f.seq = c.expected_seq
                    AND f.commit_id IS NOT DISTINCT FROM c.expected_commit
                    AND (c.lease IS NULL OR EXISTS (
                        SELECT FROM signalbox.flow_work w
                        WHERE w.tenant_id = $1 AND w.flow_id = c.id AND w.lease = c.lease
                    ))
                RETURNING f.id, c.number\(outbox.columns)
            ), events AS (
                INSERT INTO signalbox.flow_events
                    (tenant_id, flow_id, seq, event, patch, digest, bytes, actor, at, commit_id)
                SELECT $1, e.flow_id, e.seq, e.event, e.patch, e.digest, e.bytes, e.actor, e.at, $2::uuid
                FROM unnest($13, $14, $15, $16, $17, $18, $19, $20)
                    AS e (flow_id, seq, event, patch, digest, bytes, actor, at)
                WHERE e.flow_id IN (SELECT w.id FROM written w)
            )\(outbox.clause(behindTenantAnd: parameters.count))
            \(outbox.result)
            """,
            parameters + outbox.parameters
        )
        let positions = flows.map { (stream: StreamName.flow($0.id), seq: $0.seq) }
        return [write] + keep(changes, as: id) + journal(changes, as: id) + queue(changes, as: id, tenant: tenant)
            + StoreNotification.payloads(positions, of: tenant).map(PostgresTransaction.notify)
    }

    /// What keeps the snapshots of those flows that were written; mostly there are none.
    private static func keep(_ changes: [FlowChange], as id: CommitID) -> [PostgresStatement] {
        let kept = changes.flatMap { change in change.snapshots.map { (flow: change.flow.id, snapshot: $0) } }
        guard !kept.isEmpty else { return [] }
        return [
            PostgresStatement(
                """
                INSERT INTO signalbox.flow_snapshots (tenant_id, flow_id, seq, state, outside, at)
                SELECT $1, s.flow_id, s.seq, s.state, s.outside, s.at
                FROM unnest($3, $4, $5, $6, $7) AS s (flow_id, seq, state, outside, at)
                WHERE EXISTS (
                    SELECT FROM signalbox.flows f
                    WHERE f.tenant_id = $1 AND f.id = s.flow_id AND f.commit_id = $2::uuid
                )
                """,
                [
                    .id(id), .uuids(kept.map(\.flow)), .bigints(kept.map(\.snapshot.seq)),
                    .jsons(kept.map(\.snapshot.state)), .jsons(kept.map(\.snapshot.outside)),
                    .times(kept.map(\.snapshot.at)),
                ]
            )
        ]
    }

    /// Who was written, as the answers to ``statements(of:as:tenant:)`` say.
    static func written(_ changes: [FlowChange], _ answers: [PostgresRows]) throws -> Set<FlowID> {
        Set(try answers.first?.map { changes[try $0.int("number") - 1].flow.id } ?? [])
    }
}
