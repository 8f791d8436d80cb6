import Domain
import JSON
import Webhooks

extension Webhook {
    /// The webhook as its owner sees it.
    var json: JSON { .object(members) }

    /// The same with the secret, for the one answer that has it.
    var jsonWithSecret: JSON {
        var object = members
        object["secret"] = JSON(secret.text)
        return .object(object)
    }

    private var members: JSONObject {
        [
            "id": JSON(id.text),
            "url": JSON(url),
            "description": JSON(description),
            "events": .array(events.map { JSON($0) }),
            "enabled": .bool(isEnabled),
            "disabled_reason": disabledReason.map { JSON($0) } ?? .null,
            "former_secret_until": formerSecret.map { JSON($0.until.rfc3339) } ?? .null,
            "created_by": JSON(createdBy),
            "created_at": JSON(createdAt.rfc3339),
            "updated_at": JSON(updatedAt.rfc3339),
        ]
    }
}

extension WebhookDelivery {
    /// The delivery as the webhook's owner sees it.
    var json: JSON {
        [
            "id": JSON(id.text),
            "webhook_id": JSON(webhook.text),
            "type": JSON(kind),
            "flow_id": flow.map { JSON($0.text) } ?? .null,
            "seq": seq.map { JSON(Int($0)) } ?? .null,
            "created_at": JSON(createdAt.rfc3339),
            "status": JSON(status.rawValue),
            "attempts": JSON(attempts),
            "next_attempt_at": nextAt.map { JSON($0.rfc3339) } ?? .null,
            "last_attempt": last.map { attempt in
                [
                    "at": JSON(attempt.at.rfc3339),
                    "status_code": attempt.statusCode.map { JSON($0) } ?? .null,
                    "error": attempt.error.map { JSON($0) } ?? .null,
                ]
            } ?? .null,
        ]
    }
}
