import Domain
import JSON

/// A prompt as an agent sends it.
struct PromptRequest: Sendable {
    let step: String
    let draft: PromptDraft

    private static let members: Set<String> = [
        "step", "kind", "title", "message", "shown", "action", "response_schema", "allowed", "assignees",
        "requires_claim", "policy",
    ]

    /// Reads a prompt. A rule that would not be kept (a quorum, an escalation) is refused, not ignored.
    /// - Throws: ``Problem`` `invalid_prompt` with everything that is wrong in its form.
    init(_ request: JSON) throws(Problem) {
        guard case .object(let object) = request else {
            throw Problem(.invalidPrompt, faults: [.init(pointer: "", message: "A prompt must be an object")])
        }
        var reader = FaultReader(object: object)
        reader.checkMembers(Self.members)
        step = reader.text("step") ?? ""
        let kind = reader.choice("kind", PromptKind.self)
        let title = reader.text("title") ?? ""
        let message = reader.text("message", isRequired: false) ?? ""
        let allowed = reader.choices("allowed", Verb.self)
        let action = reader.object("action")
        let schema = object.value("response_schema")
        let (users, roles) = Self.assignees(&reader)
        let requiresClaim = reader.flag("requires_claim")
        let expiresAt = Self.policy(&reader)
        guard let kind, reader.faults.isEmpty else { throw Problem(.invalidPrompt, faults: reader.faults) }
        draft = PromptDraft(
            kind: kind,
            title: title,
            message: message,
            shown: object.value("shown") ?? [:],
            action: action.map { .object($0) },
            responseSchema: schema,
            allowed: allowed,
            users: users,
            roles: roles,
            requiresClaim: requiresClaim,
            expiresAt: expiresAt
        )
    }

    private static func assignees(_ reader: inout FaultReader) -> (users: [String], roles: Set<Role>) {
        guard let assignees = reader.object("assignees") else { return ([], [.reviewer]) }
        var inner = FaultReader(object: assignees, path: "/assignees")
        inner.checkMembers(["users", "roles"])
        let users = inner.texts("users")
        let roles = inner.choices("roles", Role.self, isRequired: false)
        reader.faults += inner.faults
        return (users, Set(roles))
    }

    private static func policy(_ reader: inout FaultReader) -> Timestamp? {
        guard let policy = reader.object("policy") else { return nil }
        var inner = FaultReader(object: policy, path: "/policy")
        inner.checkMembers(["need", "veto", "requester_may_not_approve", "expires_at", "on_expiry", "escalate"])
        if let need = policy.value("need"), need.int != 1 {
            inner.refuse("need", "must be 1: there are no quorums yet")
        }
        if let veto = policy.value("veto"), veto.bool == nil { inner.refuse("veto", "must be true or false") }
        if inner.flag("requester_may_not_approve") {
            inner.refuse("requester_may_not_approve", "must be false: duties are not separated yet")
        }
        if let end = policy.value("on_expiry"), end.string != "expire" {
            inner.refuse("on_expiry", "must be expire: nothing else happens by itself yet")
        }
        if let escalate = policy.value("escalate"), escalate.array?.isEmpty != true {
            inner.refuse("escalate", "must be empty: there are no escalations yet")
        }
        var expiresAt: Timestamp?
        if let text = inner.text("expires_at", isRequired: false) {
            expiresAt = Timestamp(rfc3339: text)
            if expiresAt == nil { inner.refuse("expires_at", "must be a time as RFC 3339 writes it") }
        }
        reader.faults += inner.faults
        return expiresAt
    }
}
