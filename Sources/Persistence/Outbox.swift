import Domain
import Events
import Postgres

/// What the statement that stores events does for webhooks: it stores what each is to be told, in the same moment.
///
/// A commit of which nobody outside could want to hear (changes of the state, messages) is written by a statement that knows
/// nothing of webhooks. Otherwise the tenant's webhooks are looked up by their key, and without any nothing more is done.
struct Outbox {
    private let kinds: [String?]
    private let isEmpty: Bool

    init(_ events: [AppendedEvent]) {
        kinds = events.map { EventKind.of($0.event)?.rawValue }
        isEmpty = kinds.allSatisfy { $0 == nil }
    }

    /// What `written` must give besides.
    var columns: String { isEmpty ? "" : ", f.type, f.title, f.epoch" }

    /// The part of the statement that stores the deliveries.
    /// - Parameter count: the parameters before ``parameters``, the tenant not counted.
    func clause(behindTenantAnd count: Int) -> String {
        guard !isEmpty else { return "" }
        let first = count + 2
        return """
            , outbox AS (
                INSERT INTO signalbox.webhook_deliveries
                    (tenant_id, webhook_id, id, kind, flow_id, flow_type, flow_title, epoch, seq, event, patch, created_at)
                SELECT $1, w.id, e.id, e.kind, n.id, n.type, n.title, n.epoch, e.seq, e.event,
                    CASE WHEN e.kind = '\(StepFailed.kind)' THEN e.patch END, e.at
                FROM signalbox.webhooks w
                CROSS JOIN unnest($13, $14, $15, $16, $20, $\(first), $\(first + 1))
                    AS e (flow_id, seq, event, patch, at, id, kind)
                JOIN written n ON n.id = e.flow_id
                WHERE w.tenant_id = $1 AND w.is_enabled AND e.kind IS NOT NULL AND EXISTS (
                    SELECT FROM unnest(w.events) AS wanted (kind)
                    WHERE wanted.kind = '*' OR wanted.kind = e.kind
                        OR right(wanted.kind, 2) = '.*' AND starts_with(e.kind, left(wanted.kind, -1))
                )
                RETURNING 1
            )
            """
    }

    /// What the statement gives: the numbers of the flows that were written. It also wakes whoever delivers.
    var result: String {
        guard !isEmpty else { return "SELECT number FROM written" }
        return """
            SELECT number, (SELECT pg_notify('\(DatabaseNames.channel)', '\(StoreNotification.deliveries.payload)')
                FROM outbox LIMIT 1)::text AS told FROM written
            """
    }

    var parameters: [PostgresValue] {
        isEmpty ? [] : [.uuids(kinds.map { $0 == nil ? nil : DeliveryID.generate() }), .texts(kinds)]
    }
}
