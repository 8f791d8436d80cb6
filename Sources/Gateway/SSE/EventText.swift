import Domain
import JSON
import Streams

/// An entry as a server-sent event: the id is the position, the data the AG-UI event with what is ours in
/// `metadata.signalbox`.
enum EventText: EntryFormat, SnapshotFormat {
    static func encode(_ entry: StreamEntry) -> [UInt8] {
        text(of: entry.event, at: entry.position, patch: entry.patch, digest: entry.digest)
    }

    /// A whole document, for a client whose position cannot be continued: the state as an event, the rest as its patch.
    static func encode(_ snapshot: StreamSnapshot) -> [UInt8] {
        text(
            of: ["type": "STATE_SNAPSHOT", "snapshot": snapshot.document["state"] ?? [:]],
            at: snapshot.position,
            patch: [
                ["op": "add", "path": "/flow", "value": snapshot.document["flow"] ?? .null],
                ["op": "add", "path": "/prompts", "value": snapshot.document["prompts"] ?? .array([])],
            ],
            digest: snapshot.digest
        )
    }

    private static func text(of event: JSON, at position: Position, patch: JSON?, digest: String?) -> [UInt8] {
        var ours: JSONObject = ["seq": JSON(Int(position.seq)), "epoch": JSON(position.epoch)]
        if let patch { ours["patch"] = patch }
        if let digest { ours["digest"] = JSON(digest) }
        var object = event.object ?? [:]
        var metadata = object["metadata"]?.object ?? [:]
        metadata["signalbox"] = .object(ours)
        object["metadata"] = .object(metadata)
        // Compact JSON has no line breaks, so one `data` line holds it.
        var bytes = Array("id: \(position.epoch):\(position.seq)\ndata: ".utf8)
        JSON.object(object).serialize(into: &bytes)
        bytes += Array("\n\n".utf8)
        return bytes
    }
}
