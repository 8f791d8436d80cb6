import Domain
import Postgres

/// Webhooks. What is on its way to them is in an extension of its own.
struct PostgresWebhooks: WebhookRepository {
    let transaction: PostgresTransaction

    private static let columns = """
        id, url, description, events, is_enabled, disabled_reason, secret, former_secret, former_secret_until,
        created_by, created_at, updated_at
        """

    func insert(_ webhook: Webhook, limit: Int) async throws -> Bool {
        // Two at once must not both be the last one.
        _ = try await transaction.query(
            "SELECT pg_advisory_xact_lock(hashtext('signalbox.webhooks'), hashtext($1::text))"
        )
        let rows = try await transaction.query(
            """
            INSERT INTO signalbox.webhooks (tenant_id, \(Self.columns))
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
            WHERE (SELECT count(*) FROM signalbox.webhooks w WHERE w.tenant_id = $1) < $14
            """,
            [.id(webhook.id)] + Self.changing(webhook)
                + [.text(webhook.createdBy), .time(webhook.createdAt), .time(webhook.updatedAt), .int(limit)]
        )
        return rows.affected == 1
    }

    func find(_ id: WebhookID, locked: Bool) async throws -> Webhook? {
        let rows = try await transaction.query(
            """
            SELECT \(Self.columns) FROM signalbox.webhooks
            WHERE tenant_id = $1 AND id = $2 \(locked ? "FOR UPDATE" : "")
            """,
            [.id(id)]
        )
        return try rows.first.map(Self.webhook)
    }

    func list(limit: Int, cursor: String?) async throws -> Page<Webhook>? {
        var select = Select()
        guard select.begin(.descending, (time: "created_at", id: "id"), after: cursor) else { return nil }
        let count = select.bind(.int(limit + 1))
        let rows = try await transaction.query(
            """
            SELECT \(Self.columns) FROM signalbox.webhooks \(select.clause)
            ORDER BY created_at DESC, id DESC LIMIT \(count)
            """,
            select.parameters
        )
        return try Page(rows, limit: limit, item: Self.webhook) { [String($0.createdAt.microseconds), $0.id.text] }
    }

    func update(_ webhook: Webhook) async throws {
        _ = try await transaction.query(
            """
            UPDATE signalbox.webhooks SET
                url = $3, description = $4, events = $5, is_enabled = $6, disabled_reason = $7, secret = $8,
                former_secret = $9, former_secret_until = $10, updated_at = $11
            WHERE tenant_id = $1 AND id = $2
            """,
            [.id(webhook.id)] + Self.changing(webhook) + [.time(webhook.updatedAt)]
        )
    }

    func remove(_ id: WebhookID) async throws -> Bool {
        let answers = try await transaction.batch([
            PostgresStatement("DELETE FROM signalbox.webhooks WHERE tenant_id = $1 AND id = $2", [.id(id)]),
            // A commit that is under way may add one more: it is forgotten with the old ones.
            PostgresStatement(
                "DELETE FROM signalbox.webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2",
                [.id(id)]
            ),
        ])
        return answers.first?.affected == 1
    }

    private static func changing(_ webhook: Webhook) -> [PostgresValue] {
        [
            .text(webhook.url), .text(webhook.description), .array(webhook.events), .bool(webhook.isEnabled),
            .optional(webhook.disabledReason), .bytes(webhook.secret.bytes),
            webhook.formerSecret.map { .bytes($0.secret.bytes) } ?? .null, .time(webhook.formerSecret?.until),
        ]
    }

    private static func webhook(_ row: PostgresRow) throws -> Webhook {
        var former: Webhook.FormerSecret?
        if let bytes = try row.bytesOrNil("former_secret"), let until = try row.timeOrNil("former_secret_until") {
            former = Webhook.FormerSecret(secret: WebhookSecret(bytes: bytes), until: until)
        }
        return Webhook(
            id: try row.id("id"),
            url: try row.string("url"),
            description: try row.string("description"),
            events: try row.strings("events"),
            isEnabled: try row.bool("is_enabled"),
            disabledReason: try row.stringOrNil("disabled_reason"),
            secret: WebhookSecret(bytes: try row.bytes("secret")),
            formerSecret: former,
            createdBy: try row.string("created_by"),
            createdAt: try row.time("created_at"),
            updatedAt: try row.time("updated_at")
        )
    }
}
