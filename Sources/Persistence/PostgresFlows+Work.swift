import Domain
import Postgres

extension PostgresFlows {
    /// What puts flows that were written into the queue of work, or gives their leases back.
    static func queue(_ changes: [FlowChange], as id: CommitID, tenant: TenantID) -> [PostgresStatement] {
        let statements = enqueue(changes, as: id) + giveBack(changes, as: id) + wakeParents(of: changes, as: id)
        guard !statements.isEmpty, changes.contains(where: \.makesWork) else { return statements }
        return statements + [PostgresTransaction.notify(.work)]
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
            SET is_again = flow_work.owner IS NOT NULL, due_at = least(flow_work.due_at, now())
        """

    private static func giveBack(_ changes: [FlowChange], as id: CommitID) -> [PostgresStatement] {
        var (flows, leases, dues): ([FlowID], [Int64], [Timestamp?]) = ([], [], [])
        for change in changes {
            guard case .giveBack(let due) = change.work, let lease = change.lease else { continue }
            flows.append(change.flow.id)
            leases.append(lease)
            dues.append(due)
        }
        guard !flows.isEmpty else { return [] }
        return [
            PostgresStatement(
                """
                WITH mine AS MATERIALIZED (
                    SELECT w.flow_id, w.is_again, c.due_at
                    FROM unnest($3, $4, $5) AS c (id, lease, due_at)
                    JOIN signalbox.flows f ON f.tenant_id = $1 AND f.id = c.id AND f.commit_id = $2::uuid
                    JOIN signalbox.flow_work w ON w.tenant_id = $1 AND w.flow_id = c.id AND w.lease = c.lease
                    FOR UPDATE OF w
                ), gone AS (
                    DELETE FROM signalbox.flow_work w USING mine m
                    WHERE w.tenant_id = $1 AND w.flow_id = m.flow_id AND NOT m.is_again AND m.due_at IS NULL
                )
                UPDATE signalbox.flow_work w
                SET owner = NULL, is_again = false, due_at = CASE WHEN m.is_again THEN now() ELSE m.due_at END
                FROM mine m
                WHERE w.tenant_id = $1 AND w.flow_id = m.flow_id AND (m.is_again OR m.due_at IS NOT NULL)
                """,
                [.id(id), .uuids(flows), .bigints(leases), .times(dues)]
            )
        ]
    }
}

extension FlowChange {
    /// Whether the end of the flow is what another flow waits for.
    fileprivate var wakesParent: Bool { flow.parent != nil && flow.parent?.seq == nil && flow.status.isFinal }

    /// Whether other nodes shall look at the queue: for what is due now or earlier than they know.
    fileprivate var makesWork: Bool {
        switch work {
        case .enqueue: true
        case .giveBack(let due): due != nil || wakesParent
        case nil: wakesParent
        }
    }
}
