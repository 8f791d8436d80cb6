// The wire form of a prompt: one and the same in every answer, event and list.

public import JSON

extension Prompt {
    /// The prompt as every client sees it.
    public var json: JSON {
        var object: JSONObject = [
            "id": JSON(id.text),
            "flow_id": JSON(flow.text),
            "run_id": run.map { JSON($0.text) } ?? .null,
            "step": JSON(step),
            "attempt": JSON(attempt),
        ]
        for (key, value) in draft.members { object[key] = value }
        object["shown_digest"] = JSON(shownDigest)
        object["claim"] = claim?.json ?? .null
        object["status"] = JSON(status.rawValue)
        object["version"] = JSON(version)
        object["superseded_by"] = supersededBy.map { JSON($0.text) } ?? .null
        object["outcome"] = outcome?.json ?? .null
        object["created_by"] = JSON(createdBy)
        object["created_at"] = JSON(createdAt.rfc3339)
        return .object(object)
    }
}

extension PromptDraft {
    /// What is asked, in the form of the prompt's own members.
    public var members: JSONObject {
        [
            "kind": JSON(kind.rawValue),
            "title": JSON(title),
            "message": JSON(message),
            "shown": shown,
            "action": action ?? .null,
            "response_schema": responseSchema ?? .null,
            "allowed": .array(allowed.map { JSON($0.rawValue) }),
            "assignees": [
                "users": .array(users.map { JSON($0) }),
                "roles": .array(roles.map(\.rawValue).sorted().map { JSON($0) }),
            ],
            "requires_claim": .bool(requiresClaim),
            "policy": [
                "need": 1,
                "expires_at": expiresAt.map { JSON($0.rfc3339) } ?? .null,
                "on_expiry": "expire",
            ],
        ]
    }

    /// Reads what ``members`` wrote; nil when a member is missing or not of its type.
    public init?(members: JSONObject) {
        guard let kind = members["kind"]?.string.flatMap(PromptKind.init),
            let title = members["title"]?.string,
            let message = members["message"]?.string,
            let shown = members["shown"],
            let allowed = members["allowed"]?.array,
            let assignees = members["assignees"]
        else { return nil }
        self.init(
            kind: kind,
            title: title,
            message: message,
            shown: shown,
            action: members["action"].flatMap { $0.isNull ? nil : $0 },
            responseSchema: members["response_schema"].flatMap { $0.isNull ? nil : $0 },
            allowed: allowed.compactMap { $0.string.flatMap(Verb.init) },
            users: assignees["users"]?.array?.compactMap(\.string) ?? [],
            roles: Set(assignees["roles"]?.array?.compactMap { $0.string.flatMap(Role.init) } ?? []),
            requiresClaim: members["requires_claim"]?.bool ?? false,
            expiresAt: members["policy"]?["expires_at"]?.string.flatMap(Timestamp.init(rfc3339:))
        )
    }
}

extension PromptClaim {
    /// The claim as clients see it.
    public var json: JSON { ["by": JSON(by), "until": JSON(until.rfc3339)] }
}

extension PromptOutcome {
    /// The outcome as clients see it.
    public var json: JSON {
        [
            "verb": JSON(verb.rawValue),
            "response": response ?? .null,
            "arguments": arguments ?? .null,
            "reason": reason.map { JSON($0) } ?? .null,
            "by": .array(by.map { JSON($0) }),
            "at": JSON(at.rfc3339),
            "execution": JSON(execution.rawValue),
        ]
    }

    /// Reads what ``json`` wrote; nil when a member is missing or not of its type.
    public init?(json: JSON) {
        guard let verb = json["verb"]?.string.flatMap(Verb.init),
            let by = json["by"]?.array,
            let at = json["at"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let execution = json["execution"]?.string.flatMap(ExecutionStatus.init)
        else { return nil }
        self.init(
            verb: verb,
            response: json["response"].flatMap { $0.isNull ? nil : $0 },
            arguments: json["arguments"].flatMap { $0.isNull ? nil : $0 },
            reason: json["reason"]?.string,
            by: by.compactMap(\.string),
            at: at,
            execution: execution
        )
    }
}
