import Domain
import JSON
import Webhooks

extension WireSchema {
    private static let url: JSON = ["type": "string", "format": "uri", "maxLength": 2048]
    private static let note: JSON = ["type": "string", "maxLength": JSON(WebhookCommands.maximumDescription)]
    private static let kinds: JSON = [
        "type": "array", "items": text, "minItems": 1, "maxItems": 50,
        "description": "Kinds of events: whole (`flow.succeeded`), by their beginning (`prompt.*`), or all (`*`).",
    ]
    private static let timeOrNull: JSON = ["type": ["string", "null"], "format": "date-time"]
    private static let integerOrNull: JSON = ["type": ["integer", "null"]]

    private static let settable: JSONObject = [
        "url": url, "description": note, "events": kinds, "enabled": ["type": "boolean"],
    ]

    private static func webhook(_ extra: JSONObject = [:]) -> JSON {
        var members: JSONObject = ["id": id]
        for (key, value) in settable { members[key] = value }
        members["disabled_reason"] = textOrNull
        members["former_secret_until"] = timeOrNull
        members["created_by"] = text
        members["created_at"] = time
        members["updated_at"] = time
        for (key, value) in extra { members[key] = value }
        return object(members)
    }

    private static let attempt: JSON = [
        "type": ["object", "null"],
        "properties": ["at": time, "status_code": integerOrNull, "error": textOrNull],
        "required": ["at", "status_code", "error"],
    ]

    static let webhooks: [WireSchema] = [
        WireSchema("Webhook", webhook()),
        WireSchema("WebhookWithSecret", webhook(["secret": ["type": "string", "pattern": "^whsec_"]])),
        WireSchema("WebhookList", list(of: reference("Webhook"))),
        WireSchema("NewWebhook", object(settable, optional: ["description", "events", "enabled"], isOpen: false)),
        WireSchema("WebhookChange", object(settable, optional: Set(settable.keys), isOpen: false)),
        WireSchema(
            "WebhookDelivery",
            object([
                "id": id, "webhook_id": id, "type": text, "flow_id": idOrNull, "seq": integerOrNull,
                "created_at": time, "status": choice(DeliveryStatus.allCases.map(\.rawValue)),
                "attempts": ["type": "integer", "minimum": 0], "next_attempt_at": timeOrNull,
                "last_attempt": attempt,
            ])
        ),
        WireSchema("WebhookDeliveryList", list(of: reference("WebhookDelivery"))),
        WireSchema("WebhookReplay", object(["replayed": ["type": "integer", "minimum": 0]])),
    ]
}
