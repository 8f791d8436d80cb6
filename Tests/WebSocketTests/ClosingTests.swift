import PropertySupport
import Testing
import WebSocket

@Suite("WebSocket closing handshake and two ends")
struct ClosingTests {
    private static func pair() -> (server: WebSocketConnection, client: WebSocketConnection) {
        var generator = SeededGenerator(seed: 5)
        let keys = (0..<64).map { _ in UInt32.random(in: 0...UInt32.max, using: &generator) }
        let source = KeySource(keys: keys)
        return (WebSocketConnection(), WebSocketConnection(role: .client(nextMaskKey: { source.next() })))
    }

    private final class KeySource {
        private let keys: [UInt32]
        private var index = 0

        init(keys: [UInt32]) {
            self.keys = keys
        }

        func next() -> UInt32 {
            defer { index += 1 }
            return keys[index % keys.count]
        }
    }

    @Test("messages, pings and a client's close go both ways")
    func conversation() throws {
        var (server, client) = Self.pair()
        var toServer: [UInt8] = []
        var toClient: [UInt8] = []
        try client.sendText(Array("hello ä".utf8), into: &toServer)
        try client.sendPing([7], into: &toServer)
        try client.close(.goingAway, reason: "leaving", into: &toServer)
        server.receive(toServer)
        #expect(try server.next(replyingInto: &toClient) == .text(Array("hello ä".utf8)))
        try server.sendBinary([1, 2, 3], into: &toClient)
        #expect(try server.next(replyingInto: &toClient) == .ping([7]))
        #expect(
            try server.next(replyingInto: &toClient)
                == .closed(code: .goingAway, reason: "leaving", initiatedLocally: false)
        )
        #expect(try server.next(replyingInto: &toClient) == nil)
        #expect(server.state == .closed)

        var ignored: [UInt8] = []
        client.receive(toClient)
        // The client is closing: data is dropped, the pong and the answer to its close are seen.
        #expect(try client.next(replyingInto: &ignored) == .pong([7]))
        #expect(
            try client.next(replyingInto: &ignored) == .closed(code: .goingAway, reason: "", initiatedLocally: true)
        )
        #expect(ignored.isEmpty)
        #expect(client.state == .closed)
    }

    @Test("after our close: nothing can be sent, data is dropped, pings are not answered")
    func serverCloses() throws {
        var server = WebSocketConnection()
        var output: [UInt8] = []
        try server.close(.serviceRestart, reason: "again soon", into: &output)
        #expect(output == [0x88, 12, 0x03, 0xF4] + Array("again soon".utf8))
        #expect(server.state == .closing)
        output = []
        #expect(throws: WebSocketError.notOpen) { try server.sendText([0x61], into: &output) }
        #expect(throws: WebSocketError.notOpen) { try server.sendPing(into: &output) }
        #expect(throws: WebSocketError.notOpen) { try server.close(into: &output) }
        server.receive(Client.text("late") + Client.frame(.ping, [1]) + Client.close(1012))
        #expect(
            try server.next(replyingInto: &output) == .closed(code: .serviceRestart, reason: "", initiatedLocally: true)
        )
        #expect(output.isEmpty)
    }

    @Test("an error after our close sends no second Close")
    func errorWhileClosing() throws {
        var server = WebSocketConnection()
        var output: [UInt8] = []
        try server.close(into: &output)
        output = []
        server.receive([0x83, 0x80])
        #expect(throws: WebSocketError.protocolViolation(.opcode)) { try server.next(replyingInto: &output) }
        #expect(output.isEmpty)
        #expect(server.state == .closed)
    }

    @Test("what may not be sent is refused and writes nothing")
    func arguments() {
        var server = WebSocketConnection()
        var output: [UInt8] = []
        for code: UInt16 in [0, 1004, 1005, 1006, 1015, 2000, 5000] {
            #expect(throws: WebSocketError.invalidArgument(.closeCode)) {
                try server.close(CloseCode(rawValue: code), into: &output)
            }
        }
        #expect(throws: WebSocketError.invalidArgument(.controlPayload)) {
            try server.sendPing([UInt8](repeating: 0, count: 126), into: &output)
        }
        #expect(output.isEmpty)
        #expect(server.state == .open)
    }

    @Test("a long reason is cut between characters")
    func longReason() throws {
        let payload = FrameEncoder.closePayload(.normal, reason: String(repeating: "€", count: 60))
        #expect(payload.count == 2 + 123)
        #expect(String(validating: payload[2...], as: UTF8.self) == String(repeating: "€", count: 41))
        let odd = FrameEncoder.closePayload(.normal, reason: "a" + String(repeating: "€", count: 60))
        #expect(odd.count == 2 + 1 + 120)
    }

    @Test("a client refuses masked frames")
    func maskedServer() {
        var (_, client) = Self.pair()
        var output: [UInt8] = []
        client.receive(Client.text("x"))
        #expect(throws: WebSocketError.protocolViolation(.masked)) { try client.next(replyingInto: &output) }
    }
}
