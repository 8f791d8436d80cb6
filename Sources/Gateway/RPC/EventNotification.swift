import Domain
import JSON
import Streams
import WebSocket

/// An entry as an `event` notification: made, framed and compressed once, shared by all subscribers.
enum EventNotification: StreamFormat {
    static func encode(_ entry: StreamEntry) -> OutgoingMessage {
        var params: JSONObject = [
            "stream": JSON(entry.stream.text),
            "seq": JSON(Int(entry.position.seq)),
            "event": entry.event,
        ]
        if let patch = entry.patch { params["patch"] = patch }
        if let digest = entry.digest { params["digest"] = JSON(digest) }
        return OutgoingMessage(.text, RPCText.notification("event", .object(params)))
    }
}
