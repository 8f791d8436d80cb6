import Domain
import JSON

extension AuditEntry {
    /// What is done to sessions.
    enum SessionAction: String {
        case created = "session.created"
        case revoked = "session.revoked"
        case reuseDetected = "session.reuse_detected"
    }

    /// Who acts when nobody has proved who they are.
    static let identityActor = "system:identity"

    /// A line about a session.
    static func session(
        _ session: SessionID,
        _ action: SessionAction,
        by actor: String,
        from origin: RequestOrigin,
        at time: Timestamp,
        _ detail: JSONObject
    ) -> AuditEntry {
        var detail = detail
        detail["address"] = .string(origin.address)
        return AuditEntry(
            at: time,
            actor: actor,
            channel: origin.channel,
            action: action.rawValue,
            subject: "session:\(session)",
            detail: .object(detail)
        )
    }
}
