import JSON
import Reactor

/// A response, taken apart by a reader that owes nothing to the server's own code.
struct HTTPAnswer: Sendable, CustomStringConvertible {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var description: String { "\(status) \(text.prefix(2000))" }

    func json() throws -> JSON { try JSON.parse(body) }
    var code: String? { try? json()["code"]?.string }

    subscript(name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name.lowercased() }.map(\.value) }

    /// Everything that a client can see but the time.
    var fingerprint: String {
        let lines = fields.filter { $0.name != "date" }.map { "\($0.name): \($0.value)" }
        return ([String(status)] + lines + [text]).joined(separator: "\n")
    }

    static func ask(
        port: UInt16,
        _ method: String,
        _ path: String,
        _ fields: [(String, String)],
        body: [UInt8]
    ) async throws -> HTTPAnswer {
        try await Wire.pool.run {
            let wire = try Wire(port: port)
            try wire.send(request(method, path, fields + [("Content-Length", String(body.count))]) + body)
            var bytes: [UInt8] = []
            while true {
                let piece = try wire.receive()
                if piece.isEmpty { break }
                bytes += piece
            }
            return try HTTPAnswer(bytes)
        }
    }

    /// A request's head.
    static func request(_ method: String, _ path: String, _ fields: [(String, String)]) -> [UInt8] {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: test.local\r\n"
        if !fields.contains(where: { $0.0 == "Connection" }) { text += "Connection: close\r\n" }
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    init(_ bytes: [UInt8]) throws {
        guard let end = Self.endOfHead(bytes) else {
            throw Missing(description: "no whole response: \(String(decoding: bytes, as: UTF8.self))")
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        status = try lines.first.flatMap { Int($0.split(separator: " ")[1]) }.orThrow("no status")
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                parts[0].lowercased(), parts.count > 1 ? parts[1].trimmingPrefix { $0 == " " }.description : ""
            )
        }
        let rest = Array(bytes[end...])
        let isChunked = fields.contains { $0.name == "transfer-encoding" && $0.value == "chunked" }
        body = isChunked ? Self.unchunked(rest) : rest
    }

    /// The index after the empty line.
    static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual([13, 10, 13, 10]) }
    }

    /// The content of chunks, as far as they are there.
    static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let line = rest.firstIndex(of: 13) {
            guard let size = Int(String(decoding: rest[..<line], as: UTF8.self), radix: 16), size > 0,
                rest.endIndex - line >= size + 4
            else { break }
            body += rest[(line + 2)..<(line + 2 + size)]
            rest = rest[(line + 4 + size)...]
        }
        return body
    }
}
