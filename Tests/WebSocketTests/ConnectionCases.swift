import Testing
import WebSocket

/// Client bytes with the events they must give and the error they must end in.
struct ConnectionCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let events: [WebSocketEvent]
    let error: WebSocketError?

    init(_ name: String, _ bytes: [UInt8], _ events: [WebSocketEvent], _ error: WebSocketError? = nil) {
        self.name = name
        self.bytes = bytes
        self.events = events
        self.error = error
    }

    var testDescription: String { name }
}

extension ConnectionCase {
    private static func text(_ text: String) -> WebSocketEvent { .text(Array(text.utf8)) }
    private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) } }

    private static func raw(_ first: UInt8, _ second: UInt8, _ rest: [UInt8] = []) -> [UInt8] {
        [first, second] + rest
    }

    /// In the order of the Autobahn sections they follow.
    static let all: [ConnectionCase] =
        sizes + pings + reservedAndOpcodes + fragments + utf8 + closes

    private static let sizes: [ConnectionCase] = [0, 1, 7, 8, 125, 126, 127, 128, 65_535, 65_536, 70_001].map { size in
        ConnectionCase("binary of \(size)", Client.frame(.binary, bytes(size)), [.binary(bytes(size))])
    }

    private static let pings: [ConnectionCase] = [
        ConnectionCase("empty ping", Client.frame(.ping), [.ping([])]),
        ConnectionCase("ping of 125", Client.frame(.ping, bytes(125)), [.ping(bytes(125))]),
        ConnectionCase("ping of 126", Client.frame(.ping, bytes(126)), [], .protocolViolation(.controlFrameTooLong)),
        ConnectionCase("unasked pong", Client.frame(.pong, [1]), [.pong([1])]),
        ConnectionCase(
            "ping without FIN",
            Client.frame(.ping, final: false),
            [],
            .protocolViolation(.fragmentedControlFrame)
        ),
        ConnectionCase(
            "ten pings",
            (0..<10).flatMap { Client.frame(.ping, [$0]) },
            (0..<10).map { .ping([$0]) }
        ),
    ]

    private static let reservedAndOpcodes: [ConnectionCase] =
        [ReservedBits.rsv1, .rsv2, .rsv3].map { bits in
            ConnectionCase(
                "reserved bit \(bits.rawValue) after a good message",
                Client.text("ok") + Client.frame(.text, [0x61], bits: bits),
                [text("ok")],
                .protocolViolation(.reservedBits)
            )
        }
        + [
            ConnectionCase(
                "reserved bit on a ping",
                Client.frame(.ping, bits: .rsv1),
                [],
                .protocolViolation(.reservedBits)
            ),
            ConnectionCase("unmasked", [0x81, 0x01, 0x61], [], .protocolViolation(.unmasked)),
            ConnectionCase("126 for 125", raw(0x82, 0xFE, [0, 125]), [], .protocolViolation(.lengthEncoding)),
            ConnectionCase(
                "127 for 65535",
                raw(0x82, 0xFF, [0, 0, 0, 0, 0, 0, 255, 255]),
                [],
                .protocolViolation(.lengthEncoding)
            ),
            ConnectionCase(
                "64-bit length",
                raw(0x82, 0xFF, [128, 0, 0, 0, 0, 0, 0, 0]),
                [],
                .protocolViolation(.lengthEncoding)
            ),
        ]
        + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { opcode in
            ConnectionCase(
                "opcode \(opcode) after a good message",
                Client.text("ok") + [0x80 | opcode, 0x80, 0, 0, 0, 0],
                [text("ok")],
                .protocolViolation(.opcode)
            )
        }

    private static let fragments: [ConnectionCase] = [
        ConnectionCase(
            "two fragments",
            Client.text("ab", final: false) + Client.more("cd", final: true),
            [text("abcd")]
        ),
        ConnectionCase(
            "ping between fragments",
            Client.text("ab", final: false) + Client.frame(.ping, [9]) + Client.more("cd", final: true),
            [.ping([9]), text("abcd")]
        ),
        ConnectionCase(
            "empty fragments",
            Client.text("", final: false) + Client.more("", final: false) + Client.more("", final: true),
            [text("")]
        ),
        ConnectionCase(
            "continuation first",
            Client.more("x", final: true),
            [],
            .protocolViolation(.unexpectedContinuation)
        ),
        ConnectionCase(
            "continuation after a whole message",
            Client.text("x") + Client.more("y", final: false),
            [text("x")],
            .protocolViolation(.unexpectedContinuation)
        ),
        ConnectionCase(
            "new message inside a message",
            Client.text("x", final: false) + Client.text("y"),
            [],
            .protocolViolation(.expectedContinuation)
        ),
        ConnectionCase(
            "binary inside a text message",
            Client.text("x", final: false) + Client.frame(.binary, [1], final: false),
            [],
            .protocolViolation(.expectedContinuation)
        ),
    ]

    private static let utf8: [ConnectionCase] = [
        ConnectionCase("text", Client.text("κόσμε €𝄞"), [text("κόσμε €𝄞")]),
        ConnectionCase(
            "character cut by a fragment",
            Client.frame(.text, [0xE2, 0x82], final: false) + Client.frame(.continuation, [0xAC]),
            [text("€")]
        ),
        ConnectionCase(
            "character cut in four, with a ping",
            Client.frame(.text, [0xF0], final: false) + Client.frame(.continuation, [0x9D], final: false)
                + Client.frame(.ping) + Client.frame(.continuation, [0x84], final: false)
                + Client.frame(.continuation, [0x9E]),
            [.ping([]), text("𝄞")]
        ),
        ConnectionCase("open character at the end", Client.frame(.text, [0xE2, 0x82]), [], .invalidUTF8),
        ConnectionCase("surrogate", Client.frame(.text, [0xED, 0xA0, 0x80]), [], .invalidUTF8),
        ConnectionCase("overlong", Client.frame(.text, [0xC0, 0xAF]), [], .invalidUTF8),
        ConnectionCase("above U+10FFFF", Client.frame(.text, [0xF4, 0x90, 0x80, 0x80]), [], .invalidUTF8),
        ConnectionCase(
            "bad byte in the first of two fragments",
            Client.frame(.text, [0x61, 0xFF], final: false) + Client.more("x", final: true),
            [],
            .invalidUTF8
        ),
        ConnectionCase("any bytes in binary", Client.frame(.binary, [0xFF, 0xC0]), [.binary([0xFF, 0xC0])]),
    ]

    private static let closes: [ConnectionCase] =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map { code in
            ConnectionCase(
                "close \(code)",
                Client.close(code, Array("bye".utf8)),
                [.closed(code: CloseCode(rawValue: code), reason: "bye", initiatedLocally: false)]
            )
        }
        + [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map { code in
            ConnectionCase("close \(code)", Client.close(code), [], .protocolViolation(.closeCode))
        }
        + [
            ConnectionCase(
                "close without code",
                Client.frame(.close),
                [.closed(code: nil, reason: "", initiatedLocally: false)]
            ),
            ConnectionCase("close of one byte", Client.frame(.close, [3]), [], .protocolViolation(.closePayload)),
            ConnectionCase("close with bad reason", Client.close(1000, [0xCE, 0xFF]), [], .invalidUTF8),
            ConnectionCase(
                "close with the longest reason",
                Client.close(1000, [UInt8](repeating: 0x61, count: 123)),
                [.closed(code: .normal, reason: String(repeating: "a", count: 123), initiatedLocally: false)]
            ),
            ConnectionCase(
                "data after close",
                Client.close(1000) + Client.text("x") + [0xFF, 0xFF],
                [.closed(code: .normal, reason: "", initiatedLocally: false)]
            ),
            ConnectionCase(
                "close in mid-message",
                Client.text("x", final: false) + Client.close(1001),
                [.closed(code: .goingAway, reason: "", initiatedLocally: false)]
            ),
        ]
}
