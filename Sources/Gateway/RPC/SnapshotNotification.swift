import Domain
import JSON
import Streams
import WebSocket

/// One part of a large snapshot, as a `snapshot` notification shared by all subscribers.
struct SnapshotPart: Sendable {
    let message: OutgoingMessage
    let mark: AckWindow.Mark
}

/// A snapshot as `snapshot` notifications: the JSON text of the document in pieces, so that what belongs to other streams
/// can pass between them.
enum SnapshotNotification: SnapshotFormat {
    /// The longest piece, in bytes of the document's text.
    static let partBytes = 32 << 10

    static func encode(_ snapshot: StreamSnapshot) -> [SnapshotPart] {
        let all = params(of: snapshot)
        return all.indices.map { part in
            SnapshotPart(
                message: OutgoingMessage(.text, RPCText.notification("snapshot", all[part])),
                mark: AckWindow.Mark(seq: snapshot.position.seq, part: part)
            )
        }
    }

    /// The params of all parts, which are the same on every transport.
    static func params(of snapshot: StreamSnapshot) -> [JSON] {
        let pieces = pieces(of: snapshot.document.serialized())
        return pieces.indices.map { part in
            var params: JSONObject = [
                "stream": JSON(snapshot.stream.text),
                "epoch": JSON(snapshot.position.epoch),
                "seq": JSON(Int(snapshot.position.seq)),
                "part": JSON(part),
                "parts": JSON(pieces.count),
                "text": JSON(pieces[part]),
            ]
            if part == pieces.count - 1 { params["digest"] = JSON(snapshot.digest) }
            return .object(params)
        }
    }

    /// Cuts between scalars, since a JSON string holds whole ones only.
    private static func pieces(of text: [UInt8]) -> [String] {
        var pieces: [String] = []
        var start = 0
        while start < text.count {
            var end = min(start + partBytes, text.count)
            while end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
            pieces.append(String(decoding: text[start..<end], as: UTF8.self))
            start = end
        }
        return pieces
    }
}

/// The result of a subscription that begins with the document: small ones within it, others in the parts that follow.
enum SubscribeResult: SnapshotFormat {
    static func encode(_ snapshot: StreamSnapshot) -> JSON {
        guard !isInline(snapshot) else { return whole(snapshot) }
        var result = head(of: snapshot.stream, at: snapshot.position, mode: "snapshot")
        result["parts"] = JSON(snapshot.encoded(as: SnapshotNotification.self).count)
        result["digest"] = JSON(snapshot.digest)
        return .object(result)
    }

    /// The result with the document in it, however large.
    static func whole(_ snapshot: StreamSnapshot) -> JSON {
        var result = head(of: snapshot.stream, at: snapshot.position, mode: "snapshot")
        result["snapshot"] = snapshot.document
        result["digest"] = JSON(snapshot.digest)
        return .object(result)
    }

    /// The result of a subscription that goes on from the client's own position.
    static func patches(of stream: StreamName, from position: Position) -> JSON {
        .object(head(of: stream, at: position, mode: "patches"))
    }

    /// The longest document that is written anew into each answer; what is longer is written once for all.
    private static let inlineBytes = 8 << 10

    static func isInline(_ snapshot: StreamSnapshot) -> Bool { snapshot.byteCount <= inlineBytes }

    private static func head(of stream: StreamName, at position: Position, mode: String) -> JSONObject {
        [
            "stream": JSON(stream.text),
            "epoch": JSON(position.epoch),
            "seq": JSON(Int(position.seq)),
            "mode": JSON(mode),
        ]
    }
}
