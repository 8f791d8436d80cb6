import Domain
import JSON
import Streams
import WebSocket

/// An entry as an `event` notification: made, framed and compressed once, shared by all subscribers.
enum EventNotification: EntryFormat {
    static func encode(_ entry: StreamEntry) -> OutgoingMessage {
        OutgoingMessage(.text, RPCText.notification("event", params(of: entry)))
    }

    /// The params, which are the same on every transport.
    static func params(of entry: StreamEntry) -> JSON {
        var params: JSONObject = [
            "stream": JSON(entry.stream.text),
            "seq": JSON(Int(entry.position.seq)),
            "event": entry.event,
        ]
        if entry.since < entry.position.seq - 1 { params["since"] = JSON(Int(entry.since)) }
        if let patch = entry.patch { params["patch"] = patch }
        if let digest = entry.digest { params["digest"] = JSON(digest) }
        return .object(params)
    }
}
