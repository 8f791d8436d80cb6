import Domain
import JSON
import Streams

/// What a WebSocket would be sent, as server-sent events: `attach` with the result of `subscribe`, then `event`, `snapshot`
/// and `service` with the params of the notifications of those names.
///
/// The id is the position, which a client holds only with the last part of a snapshot: the others have none.
enum NotificationText: EntryFormat, SnapshotFormat {
    static func encode(_ entry: StreamEntry) -> [UInt8] {
        text("event", EventNotification.params(of: entry), id: entry.position)
    }

    static func encode(_ snapshot: StreamSnapshot) -> [[UInt8]] {
        let params = SnapshotNotification.params(of: snapshot)
        return params.indices.map { part in
            text("snapshot", params[part], id: part == params.count - 1 ? snapshot.position : nil)
        }
    }

    static func texts(of reply: AttachReply) -> [[UInt8]] {
        guard let snapshot = reply.snapshot else {
            return [text("attach", SubscribeResult.patches(of: reply.stream, from: reply.position), id: reply.position)]
        }
        let result = snapshot.encoded(as: SubscribeResult.self)
        guard !SubscribeResult.isInline(snapshot) else { return [text("attach", result, id: snapshot.position)] }
        return [text("attach", result, id: nil)] + snapshot.encoded(as: NotificationText.self)
    }

    static func text(of status: ServiceStatus) -> [UInt8] {
        text("service", ["status": JSON(status.rawValue)], id: nil)
    }

    private static func text(_ name: String, _ data: JSON, id: Position?) -> [UInt8] {
        var bytes = Array((id.map { "id: \($0.epoch):\($0.seq)\n" } ?? "").utf8)
        bytes += Array("event: \(name)\ndata: ".utf8)
        // Compact JSON has no line breaks, so one `data` line holds it.
        data.serialize(into: &bytes)
        bytes += Array("\n\n".utf8)
        return bytes
    }
}
