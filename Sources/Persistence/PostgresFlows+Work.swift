import Domain
import Postgres

extension PostgresFlows {
    /// What puts flows that were written into the queue of work, or gives their leases back.
    static func queue(_ changes: [FlowChange], as id: CommitID, tenant: TenantID) -> [PostgresStatement] {
        let statements = enqueue(changes, as: id) + giveBack(changes, as: id) + wakeParents(of: changes, as: id)
        let runnable = changes.flatMap(\.runnable)
        return runnable.isEmpty ? statements : statements + [announce(runnable)]
    }

    /// Tells of work: of what somebody has to them, of the rest to all.
    private static func announce(_ flows: [FlowID]) -> PostgresStatement {
        PostgresStatement(
            """
            SELECT pg_notify('\(DatabaseNames.channel)', '\(StoreNotification.work(of: nil).payload)' || o.owner)
            FROM (
                SELECT DISTINCT coalesce(' ' || w.owner, '') AS owner FROM signalbox.flow_work w
                WHERE w.tenant_id = $1 AND w.flow_id = ANY ($2)
            ) o
            """,
            [.uuids(flows)]
        )
    }

    /// Flows that nobody waits for to become due are due now.
    private static func enqueue(_ changes: [FlowChange], as id: CommitID) -> [PostgresStatement] {
        let flows = changes.filter { $0.work == .enqueue }.map(\.flow.id)
        return flows.isEmpty ? [] : [enqueue("SELECT unnest($3)", .uuids(flows), as: id)]
    }

    /// A flow that ended wakes the one whose step started it.
    private static func wakeParents(of changes: [FlowChange], as id: CommitID) -> [PostgresStatement] {
        let ended = changes.filter(\.wakesParent).map(\.flow.id)
        guard !ended.isEmpty else { return [] }
        return [
            PostgresStatement(
                """
                INSERT INTO signalbox.flow_work (tenant_id, flow_id)
                SELECT DISTINCT $1::uuid, p.id
                FROM signalbox.flows f
                JOIN signalbox.flows p ON p.tenant_id = $1 AND p.id = f.parent_id
                WHERE f.tenant_id = $1 AND f.id = ANY ($3) AND f.commit_id = $2::uuid
                    AND p.status NOT IN ('succeeded', 'failed', 'cancelled')
                \(again)
                """,
                [.id(id), .uuids(ended)]
            )
        ]
    }

    private static func enqueue(_ source: String, _ flows: PostgresValue, as id: CommitID) -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO signalbox.flow_work (tenant_id, flow_id)
            SELECT $1, f.id FROM signalbox.flows f
            WHERE f.tenant_id = $1 AND f.id IN (\(source)) AND f.commit_id = $2::uuid
            \(again)
            """,
            [.id(id), flows]
        )
    }

    /// Whoever has it looks once more before they give it back.
    private static let again = """
        ON CONFLICT (tenant_id, flow_id) DO UPDATE
            SET wakes = flow_work.wakes + 1, due_at = least(flow_work.due_at, now())
        """

    private static func giveBack(_ changes: [FlowChange], as id: CommitID) -> [PostgresStatement] {
        var (flows, leases, seen, dues): ([FlowID], [Int64], [Int64], [Timestamp?]) = ([], [], [], [])
        for change in changes {
            guard case .giveBack(let due, let wakes) = change.work, let lease = change.lease else { continue }
            flows.append(change.flow.id)
            leases.append(lease)
            seen.append(wakes)
            dues.append(due)
        }
        guard !flows.isEmpty else { return [] }
        return [
            PostgresStatement(
                """
                WITH mine AS MATERIALIZED (
                    SELECT w.flow_id, CASE WHEN w.wakes = c.seen THEN c.due_at ELSE now() END AS due_at
                    FROM unnest($3, $4, $5, $6) AS c (id, lease, seen, due_at)
                    JOIN signalbox.flows f ON f.tenant_id = $1 AND f.id = c.id AND f.commit_id = $2::uuid
                    JOIN signalbox.flow_work w ON w.tenant_id = $1 AND w.flow_id = c.id AND w.lease = c.lease
                    FOR UPDATE OF w
                ), gone AS (
                    DELETE FROM signalbox.flow_work w USING mine m
                    WHERE w.tenant_id = $1 AND w.flow_id = m.flow_id AND m.due_at IS NULL
                )
                UPDATE signalbox.flow_work w
                SET owner = NULL, due_at = m.due_at
                FROM mine m
                WHERE w.tenant_id = $1 AND w.flow_id = m.flow_id AND m.due_at IS NOT NULL
                """,
                [.id(id), .uuids(flows), .bigints(leases), .bigints(seen), .times(dues)]
            )
        ]
    }
}
