import Domain
import Postgres

/// The audit log.
struct PostgresAudit: AuditRepository {
    let transaction: PostgresTransaction

    func append(_ entry: AuditEntry) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.audit_log (tenant_id, at, actor, channel, action, subject, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .time(entry.at), .text(entry.actor), .text(entry.channel), .text(entry.action), .text(entry.subject),
                .json(entry.detail),
            ]
        )
    }

    func list(action: String?, subject: String?, limit: Int, cursor: String?) async throws -> Page<AuditEntry>? {
        var select = Select()
        select.require("action", action)
        select.require("subject", subject)
        if let cursor {
            guard let id = Cursor.decode(cursor, count: 1)?.first.flatMap({ Int64($0) }) else { return nil }
            select.require("id < \(select.bind(.int(id)))")
        }
        let count = select.bind(.int(limit + 1))
        let rows = try await transaction.query(
            """
            SELECT id, at, actor, channel, action, subject, detail FROM signalbox.audit_log \(select.clause)
            ORDER BY id DESC LIMIT \(count)
            """,
            select.parameters
        )
        let last = try rows.prefix(limit).last.map { try $0.int64("id") }
        return Page(
            items: try rows.prefix(limit).map(Self.entry),
            next: rows.count > limit ? last.map { Cursor.encode([String($0)]) } : nil
        )
    }

    private static func entry(_ row: PostgresRow) throws -> AuditEntry {
        AuditEntry(
            at: try row.time("at"),
            actor: try row.string("actor"),
            channel: try row.string("channel"),
            action: try row.string("action"),
            subject: try row.string("subject"),
            detail: try row.json("detail")
        )
    }
}
