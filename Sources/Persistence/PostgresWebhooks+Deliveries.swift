import Domain
import JSON
import Postgres

extension PostgresWebhooks {
    private static let deliveryColumns = """
        id, webhook_id, kind, flow_id, seq, created_at, status, attempts, next_at, last_attempt_at, last_status_code,
        last_error
        """
    /// What nobody tries at present.
    private static let isFree = "(leased_until IS NULL OR leased_until <= clock_timestamp())"
    private static let again = """
        status = 'pending', attempts = 0, next_at = clock_timestamp(), leased_until = NULL
        """

    func deliveries(of webhook: WebhookID, status: DeliveryStatus?, limit: Int, cursor: String?) async throws
        -> Page<WebhookDelivery>?
    {
        var select = Select()
        select.require("webhook_id", webhook.text)
        select.require("status", status?.rawValue)
        guard select.begin(.descending, (time: "created_at", id: "id"), after: cursor) else { return nil }
        let count = select.bind(.int(limit + 1))
        let rows = try await transaction.query(
            """
            SELECT \(Self.deliveryColumns) FROM signalbox.webhook_deliveries \(select.clause)
            ORDER BY created_at DESC, id DESC LIMIT \(count)
            """,
            select.parameters
        )
        return try Page(rows, limit: limit, item: Self.delivery) { [String($0.createdAt.microseconds), $0.id.text] }
    }

    func delivery(_ id: DeliveryID, of webhook: WebhookID) async throws -> WebhookDelivery? {
        let rows = try await transaction.query(
            """
            SELECT \(Self.deliveryColumns) FROM signalbox.webhook_deliveries
            WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3
            """,
            [.id(webhook), .id(id)]
        )
        return try rows.first.map(Self.delivery)
    }

    func enqueue(_ id: DeliveryID, of webhook: WebhookID, kind: String, event: JSON, at time: Timestamp) async throws {
        let insertion = PostgresStatement(
            """
            INSERT INTO signalbox.webhook_deliveries (tenant_id, webhook_id, id, kind, event, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [.id(webhook), .id(id), .text(kind), .json(event), .time(time)]
        )
        _ = try await transaction.batch([insertion, PostgresTransaction.notify(.deliveries)])
    }

    func replay(_ id: DeliveryID, of webhook: WebhookID) async throws -> Bool {
        let change = PostgresStatement(
            """
            UPDATE signalbox.webhook_deliveries SET \(Self.again)
            WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3 AND \(Self.isFree)
            """,
            [.id(webhook), .id(id)]
        )
        return try await transaction.batch([change, PostgresTransaction.notify(.deliveries)]).first?.affected == 1
    }

    func replayDead(of webhook: WebhookID, limit: Int) async throws -> Int {
        let change = PostgresStatement(
            """
            UPDATE signalbox.webhook_deliveries d SET \(Self.again)
            FROM (
                SELECT o.id FROM signalbox.webhook_deliveries o
                WHERE o.tenant_id = $1 AND o.webhook_id = $2 AND o.status = 'dead'
                ORDER BY o.created_at, o.id LIMIT $3
                FOR UPDATE SKIP LOCKED
            ) AS dead
            WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.id = dead.id
            """,
            [.id(webhook), .int(limit)]
        )
        return try await transaction.batch([change, PostgresTransaction.notify(.deliveries)]).first?.affected ?? 0
    }

    func content(_ claim: DeliveryClaim) async throws -> DeliveryContent? {
        let rows = try await transaction.query(
            """
            SELECT kind, created_at, flow_id, flow_type, flow_title, epoch, seq, event, patch
            FROM signalbox.webhook_deliveries
            WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3 AND leased_until = $4
            """,
            [.id(claim.webhook), .id(claim.delivery), .time(claim.until)]
        )
        return try rows.first.map { row in
            DeliveryContent(
                kind: try row.string("kind"),
                at: try row.time("created_at"),
                subject: try Self.subject(row),
                event: try row.json("event"),
                patch: try row.jsonOrNil("patch")
            )
        }
    }

    func settle(_ claim: DeliveryClaim, as status: DeliveryStatus, after attempt: DeliveryAttempt, next: Timestamp?)
        async throws -> Bool
    {
        let rows = try await transaction.query(
            """
            UPDATE signalbox.webhook_deliveries SET
                status = $5, next_at = coalesce($6, next_at), leased_until = NULL, last_attempt_at = $7,
                last_status_code = $8, last_error = $9
            WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3 AND leased_until = $4
            """,
            [
                .id(claim.webhook), .id(claim.delivery), .time(claim.until), .text(status.rawValue), .time(next),
                .time(attempt.at), attempt.statusCode.map(PostgresValue.int) ?? .null, .optional(attempt.error),
            ]
        )
        return rows.affected == 1
    }

    private static func subject(_ row: PostgresRow) throws -> DeliveryContent.Subject? {
        guard let flow: FlowID = try row.idOrNil("flow_id") else { return nil }
        return DeliveryContent.Subject(
            flow: flow,
            type: try row.string("flow_type"),
            title: try row.string("flow_title"),
            position: Position(epoch: try row.string("epoch"), seq: try row.int64("seq"))
        )
    }

    private static func delivery(_ row: PostgresRow) throws -> WebhookDelivery {
        let status: DeliveryStatus = try row.value("status")
        return WebhookDelivery(
            id: try row.id("id"),
            webhook: try row.id("webhook_id"),
            kind: try row.string("kind"),
            flow: try row.idOrNil("flow_id"),
            seq: try row.int64OrNil("seq"),
            createdAt: try row.time("created_at"),
            status: status,
            attempts: try row.int("attempts"),
            nextAt: status == .pending ? try row.time("next_at") : nil,
            last: try row.timeOrNil("last_attempt_at").map { time in
                DeliveryAttempt(
                    at: time,
                    statusCode: try row.int64OrNil("last_status_code").map { Int($0) },
                    error: try row.stringOrNil("last_error")
                )
            }
        )
    }
}
