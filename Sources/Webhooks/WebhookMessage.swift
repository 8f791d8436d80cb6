import Domain
import Events
import JSON

/// A message to a receiver, as the Standard Webhooks specification has it. The same for every attempt, but for its time and
/// signatures.
struct WebhookMessage {
    let id: String
    let body: [UInt8]

    init(_ content: DeliveryContent, of claim: DeliveryClaim) {
        id = claim.delivery.text
        var data: JSONObject = ["tenant_id": JSON(claim.tenant.text), "webhook_id": JSON(claim.webhook.text)]
        if let subject = content.subject {
            data["flow_id"] = JSON(subject.flow.text)
            data["flow_type"] = JSON(subject.type)
            data["flow_title"] = JSON(subject.title)
            data["epoch"] = JSON(subject.position.epoch)
            data["seq"] = JSON(Int(subject.position.seq))
            let record = EventRecord(
                tenant: claim.tenant,
                flow: subject.flow,
                epoch: subject.position.epoch,
                flowType: subject.type,
                flowTitle: subject.title,
                entry: FlowEvent(
                    seq: subject.position.seq,
                    event: content.event,
                    patch: content.patch,
                    digest: nil
                )
            )
            let said = EventCatalogue.data(of: record, EventKind(rawValue: content.kind))
            for (key, value) in said { data[key] = value }
        }
        let message: JSON = [
            "id": JSON(id), "type": JSON(content.kind), "timestamp": JSON(content.at.rfc3339), "data": .object(data),
        ]
        body = message.serialized()
    }

    /// The header fields of an attempt, signed with every secret that counts.
    func headers(at now: Timestamp, secrets: [WebhookSecret]) -> [(name: String, value: String)] {
        let seconds = now.seconds
        let signatures = secrets.map { $0.signature(id: id, seconds: seconds, body: body) }
        return [
            ("Content-Type", "application/json"),
            ("webhook-id", id),
            ("webhook-timestamp", String(seconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
