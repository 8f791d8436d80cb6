import HTTP
import HTTPTypes
import Testing

@testable import WebSocket

@Suite("Opening handshake")
struct HandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let base = [
        "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: \(key)",
    ]

    private static func head(_ fields: [String], line: String = "GET /ws HTTP/1.1") throws -> RequestHead {
        var parser = RequestParser()
        parser.receive(Array(([line, "Host: a"] + fields + ["", ""]).joined(separator: "\r\n").utf8))
        guard case .head(let head)? = try parser.next() else { throw HTTPError.malformed(.requestLine) }
        return head
    }

    @Test("the example of RFC 6455 §1.3, byte for byte")
    func example() throws {
        let request = try HandshakeRequest(try Self.head(Self.base))
        var output: [UInt8] = []
        try ResponseEncoder().writeInformational(request.accepting(subprotocol: "chat"), into: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
        )
    }

    @Test("subprotocols, extensions and origin")
    func details() throws {
        let request = try HandshakeRequest(
            try Self.head(
                Self.base + [
                    "Sec-WebSocket-Protocol: b, a", "Sec-WebSocket-Protocol: c", "Origin: https://x.example",
                    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x; y=\"z\"",
                ]
            )
        )
        #expect(request.subprotocols == ["b", "a", "c"])
        #expect(request.chooseSubprotocol(from: ["c", "a"]) == "a")
        #expect(request.chooseSubprotocol(from: ["d"]) == nil)
        #expect(request.origin == "https://x.example")
        #expect(
            request.extensions == [
                ExtensionOffer(name: "permessage-deflate", parameters: [.init(name: "client_max_window_bits")]),
                ExtensionOffer(name: "x", parameters: [.init(name: "y", value: "z")]),
            ]
        )
        #expect(request.extensions.map(\.fieldValue) == ["permessage-deflate; client_max_window_bits", "x; y=z"])
    }

    static let refusals: [(name: String, drop: Int?, add: [String], line: String, error: HandshakeError)] = [
        ("no Upgrade", 1, [], "GET / HTTP/1.1", .upgradeRequired),
        ("no Connection", 0, [], "GET / HTTP/1.1", .upgradeRequired),
        ("HTTP/1.0", nil, [], "GET / HTTP/1.0", .upgradeRequired),
        ("POST", nil, [], "POST / HTTP/1.1", .method),
        ("content", nil, ["Content-Length: 1"], "GET / HTTP/1.1", .method),
        ("no version", 2, [], "GET / HTTP/1.1", .version),
        ("version 99", 2, ["Sec-WebSocket-Version: 99"], "GET / HTTP/1.1", .version),
        ("two versions", nil, ["Sec-WebSocket-Version: 13"], "GET / HTTP/1.1", .version),
        ("no key", 3, [], "GET / HTTP/1.1", .key),
        ("two keys", nil, ["Sec-WebSocket-Key: \(key)"], "GET / HTTP/1.1", .key),
        ("short key", 3, ["Sec-WebSocket-Key: AAAA"], "GET / HTTP/1.1", .key),
        ("key of 17 bytes", 3, ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="], "GET / HTTP/1.1", .key),
        ("key that is no base64", 3, ["Sec-WebSocket-Key: !GhlIHNhbXBsZSBub25jZQ=="], "GET / HTTP/1.1", .key),
        ("repeated subprotocol", nil, ["Sec-WebSocket-Protocol: a, a"], "GET / HTTP/1.1", .subprotocol),
        ("bad subprotocol", nil, ["Sec-WebSocket-Protocol: a b"], "GET / HTTP/1.1", .subprotocol),
        ("bad extension", nil, ["Sec-WebSocket-Extensions: a; b=c d"], "GET / HTTP/1.1", .extensions),
    ]

    @Test("refusals", arguments: refusals.indices)
    func refusal(_ index: Int) throws {
        let refusal = Self.refusals[index]
        var fields = Self.base
        if let drop = refusal.drop { fields.remove(at: drop) }
        let head = try Self.head(fields + refusal.add, line: refusal.line)
        #expect(throws: refusal.error, "\(refusal.name)") { try HandshakeRequest(head) }
    }

    @Test("a wrong version is told the right one (RFC 6455 §4.4)")
    func versionAnswer() throws {
        var output: [UInt8] = []
        var encoder = ResponseEncoder()
        let head = try Self.head(Self.base)
        try encoder.respond(HandshakeError.version.response, body: [], to: head, into: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\ncontent-length: 0\r\n\r\n"
        )
    }

    @Test(
        "SHA-1 (RFC 3174 §7.3, and lengths around a block)",
        arguments: [
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"), ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        ]
    )
    func sha1(message: String, expected: String) {
        let hex = SHA1.digest(of: Array(message.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }
        #expect(hex.joined() == expected)
    }

    @Test("base64 (RFC 4648 §10)")
    func base64() {
        let vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]
        for (count, expected) in vectors.enumerated() {
            #expect(Base64.encode(Array("foobar".utf8.prefix(count))) == expected)
            #expect(Base64.decodedCount(expected) == (count == 0 ? nil : count))
        }
    }
}
