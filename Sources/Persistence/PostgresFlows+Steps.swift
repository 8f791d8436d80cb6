import Domain
import Postgres

extension PostgresFlows {
    static let stepColumns = """
        flow_id, name, round, iteration, status, attempt, failures, result, error, started_at, finished_at, due_at, done_seq
        """
    static let effectColumns =
        "flow_id, step, round, name, kind, is_done, result, due_at, prompt_id, child_id, done_seq"

    func steps(of flow: FlowID) async throws -> [StepRecord] {
        let rows = try await transaction.query(
            """
            SELECT \(Self.stepColumns) FROM signalbox.flow_steps
            WHERE tenant_id = $1 AND flow_id = $2 ORDER BY first_started_at, ordinal
            """,
            [.id(flow)]
        )
        return try rows.map(Self.step)
    }

    func effects(of flow: FlowID) async throws -> [EffectRecord] {
        let rows = try await transaction.query(
            """
            SELECT \(Self.effectColumns) FROM signalbox.flow_effects
            WHERE tenant_id = $1 AND flow_id = $2 ORDER BY ordinal
            """,
            [.id(flow)]
        )
        return try rows.map(Self.effect)
    }

    static func step(_ row: PostgresRow) throws -> StepRecord {
        StepRecord(
            StepKey(try row.string("name"), round: try row.int("round")),
            iteration: try row.int("iteration"),
            status: try row.value("status"),
            attempt: try row.int("attempt"),
            failures: try row.int("failures"),
            result: try row.jsonOrNil("result"),
            error: try row.stringOrNil("error"),
            startedAt: try row.time("started_at"),
            finishedAt: try row.timeOrNil("finished_at"),
            dueAt: try row.timeOrNil("due_at"),
            doneSeq: try row.int64OrNil("done_seq")
        )
    }

    static func effect(_ row: PostgresRow) throws -> EffectRecord {
        EffectRecord(
            step: StepKey(try row.string("step"), round: try row.int("round")),
            name: try row.string("name"),
            kind: try row.value("kind"),
            isDone: try row.bool("is_done"),
            result: try row.jsonOrNil("result"),
            dueAt: try row.timeOrNil("due_at"),
            prompt: try row.idOrNil("prompt_id"),
            flow: try row.idOrNil("child_id"),
            doneSeq: try row.int64OrNil("done_seq")
        )
    }

    /// What stores the rows of the journal of those flows that were written.
    static func journal(_ changes: [FlowChange], as id: CommitID) -> [PostgresStatement] {
        let steps = changes.flatMap { change in change.steps.map { (flow: change.flow.id, row: $0) } }
        let effects = changes.flatMap { change in change.effects.map { (flow: change.flow.id, row: $0) } }
        return (steps.isEmpty ? [] : [save(steps, as: id)]) + (effects.isEmpty ? [] : [save(effects, as: id)])
    }

    private static let isWritten = """
        EXISTS (
            SELECT FROM signalbox.flows f
            WHERE f.tenant_id = $1 AND f.id = c.flow_id AND f.commit_id = $2::uuid
        )
        """

    private static func save(_ steps: [(flow: FlowID, row: StepRecord)], as id: CommitID) -> PostgresStatement {
        let rows = steps.map(\.row)
        return PostgresStatement(
            """
            INSERT INTO signalbox.flow_steps
                (tenant_id, flow_id, name, round, iteration, status, attempt, failures, result, error,
                    first_started_at, started_at, finished_at, due_at, done_seq)
            SELECT $1, c.flow_id, c.name, c.round, c.iteration, c.status, c.attempt, c.failures, c.result, c.error,
                c.started_at, c.started_at, c.finished_at, c.due_at, c.done_seq
            FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                AS c (flow_id, name, round, iteration, status, attempt, failures, result, error, started_at,
                    finished_at, due_at, done_seq)
            WHERE \(isWritten)
            ON CONFLICT (tenant_id, flow_id, name, round) DO UPDATE SET
                status = excluded.status, attempt = excluded.attempt, failures = excluded.failures,
                result = excluded.result, error = excluded.error, started_at = excluded.started_at,
                finished_at = excluded.finished_at, due_at = excluded.due_at, done_seq = excluded.done_seq
            """,
            [
                .id(id), .uuids(steps.map(\.flow)), .texts(rows.map(\.name)),
                .bigints(rows.map { Int64($0.key.round) }),
                .bigints(rows.map { Int64($0.iteration) }), .texts(rows.map(\.status.rawValue)),
                .bigints(rows.map { Int64($0.attempt) }), .bigints(rows.map { Int64($0.failures) }),
                .jsons(rows.map(\.result)), .texts(rows.map(\.error)), .times(rows.map(\.startedAt)),
                .times(rows.map(\.finishedAt)), .times(rows.map(\.dueAt)), .bigints(rows.map(\.doneSeq)),
            ]
        )
    }

    private static func save(_ effects: [(flow: FlowID, row: EffectRecord)], as id: CommitID) -> PostgresStatement {
        let rows = effects.map(\.row)
        return PostgresStatement(
            """
            INSERT INTO signalbox.flow_effects
                (tenant_id, flow_id, step, round, name, kind, is_done, result, due_at, prompt_id, child_id, done_seq)
            SELECT $1, c.flow_id, c.step, c.round, c.name, c.kind, c.is_done = 1, c.result, c.due_at, c.prompt_id,
                c.child_id, c.done_seq
            FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                AS c (flow_id, step, round, name, kind, is_done, result, due_at, prompt_id, child_id, done_seq)
            WHERE \(isWritten)
            ON CONFLICT (tenant_id, flow_id, step, round, name) DO UPDATE SET
                is_done = excluded.is_done, result = excluded.result, prompt_id = excluded.prompt_id,
                done_seq = excluded.done_seq
            """,
            [
                .id(id), .uuids(effects.map(\.flow)), .texts(rows.map(\.step.name)),
                .bigints(rows.map { Int64($0.step.round) }), .texts(rows.map(\.name)),
                .texts(rows.map(\.kind.rawValue)), .bigints(rows.map { $0.isDone ? 1 : 0 }),
                .jsons(rows.map(\.result)), .times(rows.map(\.dueAt)), .uuids(rows.map(\.prompt)),
                .uuids(rows.map(\.flow)), .bigints(rows.map(\.doneSeq)),
            ]
        )
    }
}
