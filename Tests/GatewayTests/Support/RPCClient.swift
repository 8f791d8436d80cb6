import JSON
import Locking
import Reactor
import WebSocket

/// A JSON-RPC client over the project's own WebSocket codec.
final class RPCClient: Sendable {
    private struct State: ~Copyable {
        var connection: WebSocketConnection
        var inbox: [JSON] = []
        var lastID = 0
        var close: CloseCode?
        var closeReason = ""
    }

    private let wire: Wire
    private let state: Mutex<State>

    private init(_ wire: Wire) {
        self.wire = wire
        state = Mutex(
            State(
                connection: WebSocketConnection(
                    role: .client(nextMaskKey: { UInt32.random(in: 0...UInt32.max) }),
                    limits: WebSocketLimits(frameBytes: 64 << 20, messageBytes: 64 << 20)
                )
            )
        )
    }

    /// Shakes hands.
    /// - Throws: ``Refused`` with the answer when the server does not want to.
    static func open(port: UInt16, _ fields: [(String, String)] = []) async throws -> RPCClient {
        try await Wire.pool.run {
            let wire = try Wire(port: port)
            let handshake = [
                ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "signalbox.v1"),
            ]
            try wire.send(HTTPAnswer.request("GET", "/v1/ws", handshake + fields))
            var bytes: [UInt8] = []
            while HTTPAnswer.endOfHead(bytes) == nil {
                let piece = try wire.receive()
                if piece.isEmpty { break }
                bytes += piece
            }
            let answer = try HTTPAnswer(bytes)
            guard answer.status == 101 else { throw Refused(answer: answer) }
            let client = RPCClient(wire)
            client.state.withLock { $0.connection.receive(answer.body) }
            return client
        }
    }

    struct Refused: Error {
        let answer: HTTPAnswer
    }

    struct Failed: Error, CustomStringConvertible {
        let error: JSON
        var code: String { error["data"]?["code"]?.string ?? "" }
        var description: String { error.text }
    }

    func send(_ message: JSON) async throws { try await send(text: message.text) }

    func send(text: String) async throws {
        try await Wire.pool.run { [self] in
            let bytes = try state.withLock { state in
                var output: [UInt8] = []
                try state.connection.sendText(Array(text.utf8), into: &output)
                return output
            }
            try wire.send(bytes)
        }
    }

    /// Sends a request and does not wait.
    @discardableResult
    func post(_ method: String, _ params: JSON) async throws -> Int {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await send(["jsonrpc": "2.0", "id": JSON(id), "method": .string(method), "params": params])
        return id
    }

    /// Sends a request and returns its result; what else comes meanwhile waits in the inbox.
    /// - Throws: ``Failed`` for an error.
    func request(_ method: String, _ params: JSON) async throws -> JSON {
        try await answer(to: try await post(method, params))
    }

    func answer(to id: Int) async throws -> JSON {
        let message = try await take { $0["id"]?.int == id && $0["method"] == nil }
        if let error = message["error"] { throw Failed(error: error) }
        return try message["result"].orThrow("no result")
    }

    /// The code of the error that a request gets.
    func refusal(_ method: String, _ params: JSON) async throws -> String {
        do {
            return "answered: \(try await request(method, params).text)"
        } catch let failed as Failed {
            return failed.code
        }
    }

    /// The next notification of that method.
    func notification(_ method: String) async throws -> JSON {
        try await take { $0["method"]?.string == method }["params"].orThrow("no params")
    }

    /// The next notification of a stream.
    func news() async throws -> JSON { try await take { $0["method"] == "event" || $0["method"] == "snapshot" } }

    /// The next message of any kind.
    func next() async throws -> JSON { try await take { _ in true } }

    /// Waits for the server to close, and returns the code; what comes before stays in the inbox.
    func closeCode() async throws -> Int {
        try await Wire.pool.run { [self] in
            while true {
                if let code = state.withLock({ $0.close }) { return Int(code.rawValue) }
                try receive()
            }
        }
    }

    /// What the server said when it closed.
    var closeReason: String { state.withLock { $0.closeReason } }

    /// Breaks the connection.
    func cut() { wire.cut() }

    private func take(_ isWanted: @escaping @Sendable (JSON) -> Bool) async throws -> JSON {
        try await Wire.pool.run { [self] in
            while true {
                let found: JSON? = state.withLock { state in
                    state.inbox.firstIndex(where: isWanted).map { state.inbox.remove(at: $0) }
                }
                if let found { return found }
                if let code = state.withLock({ $0.close }) {
                    throw Missing(description: "closed with \(code.rawValue)")
                }
                try receive()
            }
        }
    }

    /// Reads once from the socket.
    private func receive() throws {
        let bytes = try wire.receive()
        let reply = try state.withLock { state in
            if bytes.isEmpty, state.close == nil { state.close = CloseCode(rawValue: 1006) }
            state.connection.receive(bytes)
            var output: [UInt8] = []
            while let event = try state.connection.next(replyingInto: &output) {
                switch event {
                case .text(let text): state.inbox.append(try JSON.parse(text))
                case .closed(let code, let reason, _):
                    state.close = code ?? CloseCode(rawValue: 1005)
                    state.closeReason = reason
                case .binary, .ping, .pong: break
                }
            }
            return output
        }
        if !reply.isEmpty { try? wire.send(reply) }
    }
}
