import PropertySupport
import Testing

@testable import Redis

struct ReplyReaderTests {
    private static let samples: [(String, RedisReply)] = [
        ("+OK\r\n", .status("OK")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-42\r\n", .integer(-42)),
        (":9223372036854775807\r\n", .integer(.max)),
        ("$5\r\na\r\nb\n\r\n", .bytes(Array("a\r\nb\n".utf8))),
        ("$0\r\n\r\n", .bytes([])),
        ("$-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*-1\r\n", .null),
        (
            "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n",
            .array([.bytes(Array("message".utf8)), .bytes(Array("c".utf8)), .bytes(Array("hi".utf8))])
        ),
        (
            "*3\r\n*1\r\n:1\r\n$-1\r\n*2\r\n+a\r\n*0\r\n",
            .array([.array([.integer(1)]), .null, .array([.status("a"), .array([])])])
        ),
    ]

    @Test func everyKindOfReplyIsReadWhereverItIsCut() throws {
        for (text, reply) in Self.samples {
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count {
                let reader = try ReplyReader(limit: 1024)
                #expect(try reader.take(Array(bytes[..<cut])) == (cut == bytes.count ? [reply] : []))
                #expect(try reader.take(Array(bytes[cut...])) == (cut == bytes.count ? [] : [reply]))
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func repliesInARowAreReadInAnyPieces(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let chosen = (0..<50).compactMap { _ in Self.samples.randomElement(using: &random) }
        let bytes = chosen.flatMap { Array($0.0.utf8) }
        let cuts = [0] + random.cuts(below: bytes.count, limit: 40) + [bytes.count]
        let reader = try ReplyReader(limit: 64)
        var replies: [RedisReply] = []
        for (from, to) in zip(cuts, cuts.dropFirst()) { replies += try reader.take(Array(bytes[from..<to])) }
        #expect(replies == chosen.map(\.1), "seed \(seed)")
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "*x\r\n", ":x\r\n", "$-2\r\n", "*-2\r\n", "\0\0\0",
        "$99999999999999999999\r\n", "*4294967296\r\n",
    ])
    func whatIsNoReplyIsRefused(text: String) throws {
        let reader = try ReplyReader(limit: 1024)
        #expect {
            try reader.take(Array(text.utf8))
        } throws: { error in
            if case RedisError.protocolViolation = error { true } else { false }
        }
        // It does not come round.
        #expect(throws: RedisError.self) { try reader.take(Array("+OK\r\n".utf8)) }
    }

    @Test func aReplyWithoutAnEndIsCutOff() throws {
        for start in ["$2000000000\r\n", "+", "*10\r\n$2000\r\n"] {
            let reader = try ReplyReader(limit: 1000)
            #expect(try reader.take(Array(start.utf8)) == [])
            #expect(throws: RedisError.replyTooLarge(limit: 1000)) {
                for _ in 0..<12 { _ = try reader.take([UInt8](repeating: UInt8(ascii: "a"), count: 100)) }
            }
        }
    }

    @Test(arguments: [
        "*2147483647\r\n", "*4096\r\n",
        "*2\r\n*3000\r\n" + String(repeating: ":1\r\n", count: 3000) + "*3000\r\n",
    ])
    func announcedElementsTakeNoMemory(text: String) throws {
        let reader = try ReplyReader(limit: 1 << 20)
        #expect(throws: RedisError.replyTooLarge(limit: 1 << 20)) { try reader.take(Array(text.utf8)) }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func noBytesWhateverEndTheProcess(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bytes = (0..<20).compactMap { _ in Self.samples.randomElement(using: &random) }.flatMap { Array($0.0.utf8) }
        for _ in 0..<5 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random) }
        let reader = try ReplyReader(limit: 256)
        // Either is well: replies, or an end.
        _ = try? reader.take(bytes)
    }

    @Test func commandsCarryAnyBytes() {
        #expect(RedisCommand("PING").bytes == Array("*1\r\n$4\r\nPING\r\n".utf8))
        let command = RedisCommand([Array("PUBLISH".utf8), [], [0, 255, 13, 10]])
        #expect(command.bytes == Array("*3\r\n$7\r\nPUBLISH\r\n$0\r\n\r\n$4\r\n".utf8) + [0, 255, 13, 10, 13, 10])
        #expect(RedisCommand([[]]).bytes == Array("*1\r\n$0\r\n\r\n".utf8))
    }
}

extension ReplyReader {
    /// The replies that are complete with these bytes.
    fileprivate func take(_ bytes: [UInt8]) throws(RedisError) -> [RedisReply] {
        bytes.withUnsafeBytes { feed($0) }
        var replies: [RedisReply] = []
        while let reply = try next() { replies.append(reply) }
        return replies
    }
}
