import JSON
import Locking
import Reactor

/// Reads server-sent events from an open response.
final class EventReader: Sendable {
    struct Event: Sendable {
        let name: String
        let id: String
        let data: JSON
    }

    private struct State {
        var bytes: [UInt8] = []
        /// Events that were given out; the buffer keeps them.
        var taken = 0

        /// What is there of whole events and comments.
        var blocks: [String] {
            let text = String(decoding: HTTPAnswer.unchunked(bytes), as: UTF8.self)
            return text.split(separator: "\n\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }

        var comments: Int { blocks.count { $0 == ":" } }
    }

    private let wire: Wire
    private let state = Mutex(State())

    private init(_ wire: Wire) { self.wire = wire }

    static func open(
        _ node: Node,
        _ flow: String,
        as token: String,
        _ fields: [(String, String)] = []
    ) async throws -> EventReader {
        try await open(node, path: "/v1/flows/\(flow)/events", as: token, fields)
    }

    static func open(
        _ node: Node,
        path: String,
        as token: String,
        _ fields: [(String, String)] = []
    ) async throws -> EventReader {
        let port = node.port
        return try await Wire.pool.run {
            let wire = try Wire(port: port)
            let all = fields + [("Accept", "text/event-stream"), ("Authorization", "Bearer \(token)")]
            try wire.send(HTTPAnswer.request("GET", path, all))
            var bytes: [UInt8] = []
            while HTTPAnswer.endOfHead(bytes) == nil {
                let piece = try wire.receive()
                if piece.isEmpty { break }
                bytes += piece
            }
            let head = try HTTPAnswer(bytes)
            guard head.status == 200, head["Content-Type"] == "text/event-stream" else {
                throw Missing(description: "\(head)")
            }
            let reader = EventReader(wire)
            let end = HTTPAnswer.endOfHead(bytes) ?? bytes.count
            reader.state.withLock { $0.bytes = Array(bytes[end...]) }
            return reader
        }
    }

    /// The next event; comments are left out.
    func next() async throws -> Event {
        try await Wire.pool.run { [self] in
            while true {
                if let event = try takeEvent() { return event }
                try receive()
            }
        }
    }

    /// Waits for one more comment.
    func waitForComment() async throws {
        try await Wire.pool.run { [self] in
            let before = state.withLock { $0.comments }
            while state.withLock({ $0.comments }) == before { try receive() }
        }
    }

    func cut() { wire.cut() }

    private func receive() throws {
        let piece = try wire.receive()
        guard !piece.isEmpty else { throw Missing(description: "the event stream has ended") }
        state.withLock { $0.bytes += piece }
    }

    private func takeEvent() throws -> Event? {
        let block: String? = state.withLock { state in
            let events = state.blocks.filter { $0 != ":" }
            guard state.taken < events.count else { return nil }
            state.taken += 1
            return events[state.taken - 1]
        }
        guard let block else { return nil }
        var (name, id, data) = ("message", "", "")
        for line in block.split(separator: "\n") {
            if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
            if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
            if line.hasPrefix("data: ") { data += line.dropFirst(6) }
        }
        return Event(name: name, id: id, data: try JSON.parse(data))
    }
}
