import Domain
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    static let audit: [Route] = [
        Route(
            .get,
            "/v1/audit",
            .action(.readAudit),
            "Who did what, newest first.",
            parameters: [
                .text("action", "Only this action, such as `prompt.decided`."),
                .text("subject", "Only what was done to this, such as `prompt:<id>`."),
            ] + Parameter.paging,
            answers: [Answer(200, "AuditList")]
        ) { call in
            let (action, subject) = (try call.query("action"), try call.query("subject"))
            let (limit, cursor) = (try call.limit(), try call.cursor())
            let found = try await call.read { transaction in
                try await transaction.audit.list(action: action, subject: subject, limit: limit, cursor: cursor)
            }
            let entries = try call.page(found)
            return .page(entries.items.map(\.json), next: entries.next)
        }
    ]
}

extension AuditEntry {
    /// The line as clients see it.
    fileprivate var json: JSON {
        [
            "at": JSON(at.rfc3339),
            "actor": JSON(actor),
            "channel": JSON(channel),
            "action": JSON(action),
            "subject": JSON(subject),
            "detail": detail,
        ]
    }
}
