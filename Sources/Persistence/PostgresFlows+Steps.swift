import Domain
import Postgres

extension PostgresFlows {
    func steps(of flow: FlowID) async throws -> [StepRecord] {
        let rows = try await transaction.query(
            """
            SELECT name, status, attempt, result, error, started_at, finished_at FROM signalbox.flow_steps
            WHERE tenant_id = $1 AND flow_id = $2 ORDER BY first_started_at, ordinal
            """,
            [.id(flow)]
        )
        return try rows.map(Self.step)
    }

    static func step(_ row: PostgresRow) throws -> StepRecord {
        StepRecord(
            name: try row.string("name"),
            status: try row.value("status"),
            attempt: try row.int("attempt"),
            result: try row.jsonOrNil("result"),
            error: try row.stringOrNil("error"),
            startedAt: try row.time("started_at"),
            finishedAt: try row.timeOrNil("finished_at")
        )
    }

    func save(_ step: StepRecord, of flow: FlowID) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.flow_steps
                (tenant_id, flow_id, name, status, attempt, result, error, first_started_at, started_at, finished_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
            ON CONFLICT (tenant_id, flow_id, name) DO UPDATE SET
                status = excluded.status, attempt = excluded.attempt, result = excluded.result, error = excluded.error,
                started_at = excluded.started_at, finished_at = excluded.finished_at
            """,
            [
                .id(flow), .text(step.name), .text(step.status.rawValue), .int(step.attempt), .json(step.result),
                .optional(step.error), .time(step.startedAt), .time(step.finishedAt),
            ]
        )
    }
}
