// bench: our hot paths beside the platform's own, in turn, as medians and ratios.

import Foundation
import HTTP
import JSON
import WebSocket

@main
struct Bench {
    static func main() throws {
        print(Row.header)
        for pair in try DocumentPair.all() { try json(pair) }
        try http()
        try webSocket()
    }

    private static func json(_ pair: DocumentPair) throws {
        let (from, to, patch) = (pair.from, pair.to, pair.patch)
        let bytes = from.serialized()
        let data = Data(bytes)
        let object = try JSONSerialization.jsonObject(with: data)
        let edited = try patch.apply(to: from)
        let size = "\(bytes.count / 1000) KB"
        Row(
            "parse \(size)",
            try Measure.pair({ _ = try JSON.parse(bytes) }, { _ = try JSONSerialization.jsonObject(with: data) })
        )
        .show("JSONSerialization")
        Row(
            "serialise \(size)",
            try Measure.pair({ _ = from.serialized() }, { _ = try JSONSerialization.data(withJSONObject: object) })
        )
        .show("JSONSerialization")
        Row(
            "diff \(size), nothing shared",
            Measure.pair({ _ = JSONPatch.diff(from: from, to: to) }, { _ = to.serialized() })
        )
        .show("serialising the whole")
        Row(
            "diff \(size) after an edit",
            Measure.pair({ _ = JSONPatch.diff(from: from, to: edited) }, { _ = to.serialized() })
        )
        .show("serialising the whole")
        Row("apply 5 operations, \(size)", try Measure.pair({ _ = try patch.apply(to: from) }, { _ = to.serialized() }))
            .show("serialising the whole")
        Row(
            "fold 100 patches of 5",
            try Measure.pair({ _ = try JSONPatch.folding(pair.patches) }, { _ = to.serialized() })
        )
        .show("serialising the whole")
        Row("digest \(size)", Measure.pair({ _ = from.digest }, { _ = from.serialized() }))
            .show("serialising the whole")
    }

    private static func http() throws {
        let request = Array(
            "GET /v1/flows?limit=50 HTTP/1.1\r\nHost: localhost:8080\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n"
                .utf8
        )
        Row(
            "HTTP request head",
            try Measure.pair(
                {
                    var parser = RequestParser()
                    parser.receive(request)
                    while try parser.next() != nil {}
                },
                { _ = String(decoding: request, as: UTF8.self) }
            )
        )
        .show("decoding it as text")
    }

    private static func webSocket() throws {
        let payload = [UInt8](repeating: UInt8(ascii: "a"), count: 4096)
        var frame: [UInt8] = []
        FrameEncoder.encode(.text, payload: payload, maskKey: 0x1234_5678, into: &frame)
        Row(
            "WebSocket text, 4 KiB",
            try Measure.pair(
                {
                    var connection = WebSocketConnection()
                    var output: [UInt8] = []
                    connection.receive(frame)
                    _ = try connection.next(replyingInto: &output)
                },
                { _ = String(decoding: payload, as: UTF8.self) }
            )
        )
        .show("decoding it as text")
    }
}
