import Domain
import JSON

extension WireSchema {
    private static let verb = choice(Verb.allCases.map(\.rawValue))
    private static let anyOrNull: JSON = true

    private static let question: JSONObject = [
        "step": text,
        "kind": choice(PromptKind.allCases.map(\.rawValue)),
        "title": ["type": "string", "minLength": 1, "maxLength": 200],
        "message": ["type": "string", "description": "Markdown."],
        "shown": anyOrNull,
        "action": ["type": ["object", "null"]],
        "response_schema": ["type": ["object", "boolean", "null"], "description": "JSON Schema 2020-12."],
        "allowed": ["type": "array", "items": verb, "minItems": 1, "uniqueItems": true],
        "assignees": object(
            ["users": array(of: text), "roles": array(of: choice(Role.allCases.map(\.rawValue)))],
            optional: ["users", "roles"]
        ),
        "requires_claim": ["type": "boolean"],
        "policy": object(
            ["need": ["const": 1], "expires_at": ["type": ["string", "null"]], "on_expiry": ["const": "expire"]],
            optional: ["need", "expires_at", "on_expiry"]
        ),
    ]

    private static let outcome: JSON = {
        var schema =
            object([
                "verb": verb,
                "response": anyOrNull,
                "arguments": anyOrNull,
                "reason": textOrNull,
                "by": array(of: text),
                "at": time,
                "execution": choice(ExecutionStatus.allCases.map(\.rawValue)),
            ])
            .object ?? [:]
        schema["type"] = ["object", "null"]
        return .object(schema)
    }()

    private static var whole: JSON {
        var members: JSONObject = [
            "id": id, "flow_id": id, "run_id": idOrNull, "attempt": ["type": "integer", "minimum": 1],
        ]
        for (key, value) in question { members[key] = value }
        members["shown_digest"] = text
        members["claim"] = [
            "type": ["object", "null"], "properties": ["by": text, "until": time], "required": ["by", "until"],
        ]
        members["status"] = choice(PromptStatus.allCases.map(\.rawValue))
        members["version"] = ["type": "integer", "minimum": 1]
        members["superseded_by"] = idOrNull
        members["outcome"] = outcome
        members["created_by"] = text
        members["created_at"] = time
        return object(members)
    }

    static let prompt: [WireSchema] = [
        WireSchema("Prompt", whole),
        WireSchema("PromptList", list(of: reference("Prompt"))),
        WireSchema(
            "NewPrompt",
            object(
                question,
                optional: ["message", "shown", "action", "response_schema", "assignees", "requires_claim", "policy"],
                isOpen: false
            )
        ),
        WireSchema(
            "Decision",
            object(
                [
                    "verb": verb,
                    "response": anyOrNull,
                    "arguments": anyOrNull,
                    "reason": textOrNull,
                    "shown_digest": text,
                    "version": ["type": ["integer", "null"]],
                    "idempotency_key": ["type": "string", "minLength": 1, "maxLength": 200],
                    "prompt": id,
                ],
                optional: ["response", "arguments", "reason", "version", "prompt"],
                isOpen: false
            )
        ),
    ]
}
