import Testing
import WebSocket

/// The client end of a WebSocket over a ``TestClient``, with the product's codec in the other role.
final class WebSocketPeer {
    let client: TestClient
    /// What the server agreed to of the extensions.
    let agreed: String?
    private var connection: WebSocketConnection

    /// Shakes hands; `early` is sent in the same write, as an impatient client does.
    ///
    /// - Parameter offer: What is offered in `Sec-WebSocket-Extensions`.
    init(_ client: TestClient, path: String = "/socket", offer: String? = nil, early: [UInt8] = []) throws {
        self.client = client
        client.send(Array(Self.handshake(path: path, offer: offer).utf8) + early)
        let response = try client.response()
        try #require(response.status == 101)
        // The example of RFC 6455, section 1.3.
        #expect(response.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        agreed = response.fields["sec-websocket-extensions"]
        // In the other role the server's context is the one that is read. The largest window reads what any wrote.
        let inflater = agreed.map { agreed in
            PerMessageDeflate(
                DeflateParameters(clientNoContextTakeover: agreed.contains("server_no_context_takeover")),
                pool: DeflatePool(policy: DeflatePolicy())
            )
        }
        connection = WebSocketConnection(
            role: .client(nextMaskKey: { 0x1234_5678 }),
            messageExtension: inflater
        )
    }

    static func handshake(path: String = "/socket", offer: String? = nil) -> String {
        let extensions = offer.map { "Sec-WebSocket-Extensions: \($0)\r\n" } ?? ""
        return "GET \(path) HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(extensions)\r\n"
    }

    static func frame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameEncoder.encode(opcode, payload: payload, isFinal: isFinal, maskKey: 0xA1B2_C3D4, into: &bytes)
        return bytes
    }

    func send(_ text: String) { client.send(Self.frame(.text, Array(text.utf8))) }

    func send(_ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true) {
        client.send(Self.frame(opcode, payload, isFinal: isFinal))
    }

    /// The next event; nil at the end of the connection. Pings are answered unless `isMute`.
    func next(isMute: Bool = false) throws -> WebSocketEvent? {
        while true {
            var output: [UInt8] = []
            let event = try connection.next(replyingInto: &output)
            if !isMute, !output.isEmpty { client.send(output) }
            if let event { return event }
            let bytes = client.takeSome()
            if bytes.isEmpty { return nil }
            connection.receive(bytes)
        }
    }

    /// The next text message, past pings.
    func text() throws -> String? {
        while let event = try next() {
            if case .text(let bytes) = event { return String(decoding: bytes, as: UTF8.self) }
        }
        return nil
    }
}
