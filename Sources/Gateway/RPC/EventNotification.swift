import Domain
import JSON
import Streams
import WebSocket

/// An entry as a whole WebSocket frame with an `event` notification: made once, shared by all subscribers.
enum EventNotification: StreamFormat {
    static func encode(_ entry: StreamEntry) -> [UInt8] {
        var params: JSONObject = [
            "stream": JSON(entry.stream.text),
            "seq": JSON(Int(entry.position.seq)),
            "event": entry.event,
        ]
        if let patch = entry.patch { params["patch"] = patch }
        if let digest = entry.digest { params["digest"] = JSON(digest) }
        return FrameEncoder.frame(.text, payload: RPCText.notification("event", .object(params)))
    }
}
