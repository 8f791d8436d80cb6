import Glibc
import HTTP
import TestSupport
import Testing

@testable import Reactor
@testable import Server

/// Contents that are taken piece by piece, and those that nobody takes.
@Suite struct ContentTests {
    private static func chunked(_ path: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    }

    @Test func aSlowHandlerStopsTheSenderAndLosesNothing() async throws {
        try await withServer { running in
            let total = 24 << 20
            let client = try running.client(
                sending: "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: \(total)\r\n\r\n"
            )
            let piece = [UInt8](repeating: 1, count: 1 << 16)
            let early = client.flood(piece, limit: total)
            #expect(early < total)
            let channel = try #require(running.handler.channels.all.first)
            // The mark, and what one wake-up reads beyond it.
            let buffered = try #require(running.bufferedContent(of: channel))
            #expect((512 << 10...(512 + 256) << 10).contains(buffered))
            running.handler.gate.open()
            client.send([UInt8](repeating: 1, count: total - early))
            #expect(try client.response().text == "\(total)")
        }
    }

    @Test func waitingForASlowHandlerIsNotThePeersFault() async throws {
        try await withServer {
            $0.bodyTimeout = .milliseconds(150)
        } _: { running in
            let total = 24 << 20
            let client = try running.client(
                sending: "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: \(total)\r\n\r\n"
            )
            // Gives up after half a second without progress: longer than the timeout.
            let early = client.flood([UInt8](repeating: 1, count: 1 << 16), limit: total)
            #expect(early < total)
            running.handler.gate.open()
            client.send([UInt8](repeating: 1, count: total - early))
            #expect(try client.response().text == "\(total)")
        }
    }

    /// Each byte in a chunk of its own must not become a piece of its own that waits.
    @Test func tinyChunksAreJoined() async throws {
        try await withServer { running in
            let count = 200_000
            let client = try running.client(sending: Self.chunked("/count"))
            client.send(Array(String(repeating: "1\r\nx\r\n", count: count).utf8))
            client.send("0\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n")
            let channel = try #require(
                eventually { !running.handler.channels.all.isEmpty } ? running.handler.channels.all[0] : nil
            )
            #expect(eventually { running.bufferedContent(of: channel) == count })
            running.handler.gate.open()
            #expect(try client.response().text == "\(count)")
            #expect(running.handler.pieces.all.count < 100)
            #expect(try client.response().text == "/next")
        }
    }

    @Test func tinyPiecesOfACollectedContentCostNoCopyOfTheWhole() async throws {
        try await withServer { running in
            let count = TestHandler.collectLimit
            let client = try running.client(sending: Self.chunked("/echo"))
            client.send(Array(String(repeating: "1\r\nx\r\n", count: count).utf8))
            client.send("0\r\n\r\n")
            #expect(try client.response().body.count == count)
        }
    }

    @Test func anEarlyAnswerReachesASenderThatIsNotDone() async throws {
        try await withServer { running in
            let total = 16 << 20
            let client = try running.client(
                sending: "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: \(total)\r\n\r\n"
            )
            // It sends everything first, as simple clients do.
            #expect(client.send([UInt8](repeating: 1, count: total)))
            let response = try client.response()
            #expect(response.status == 403 && response.fields["connection"] == "close")
            #expect(client.rest().ending == .end)
        }
    }

    @Test func aContentOverItsLimitIsAnsweredOnceByItsReader() async throws {
        try await withServer { running in
            let client = try running.client(
                sending: Self.chunked("/count-small") + "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n"
            )
            let rest = client.rest()
            #expect(rest.ending == .end)
            #expect(rest.text.components(of: "HTTP/1.1 ") == 1)
            #expect(rest.text.hasPrefix("HTTP/1.1 400") && rest.text.contains("connection: close"))
            #expect(running.handler.bodyErrors.all == [.invalid(.limitExceeded(.body, limit: 10))])
        }
    }

    @Test func aPeerThatLeavesInTheMiddleIsToldToTheReader() async throws {
        try await withServer { running in
            running.handler.gate.open()
            let client = try running.client(sending: "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
            client.endSending()
            #expect(client.rest().ending == .end)
            #expect(eventually { running.handler.bodyErrors.all == [.disconnected] })
            #expect(eventually { running.connectionCount == 0 })
        }
    }

    @Test func aClientThatAsksButDoesNotTakeIsNotServedOn() async throws {
        try await withServer { running in
            let (count, size) = (1500, 64 << 10)
            let client = try running.client(buffers: 65_536)
            let request = Array("GET /big?\(size) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
            client.send((0..<count).flatMap { _ in request })
            let other = try running.client()
            var served = 0
            // The loop has served somebody else a hundred times, and the first one not once.
            #expect(
                try eventually {
                    served = running.handler.count(of: "/big")
                    for _ in 0..<100 {
                        other.send("GET /small HTTP/1.1\r\nHost: h\r\n\r\n")
                        _ = try other.response()
                    }
                    return served > 0 && running.handler.count(of: "/big") == served
                }
            )
            #expect(served * size < 32 << 20)
            for _ in 0..<count { #expect(try client.take(responseOf: size)) }
            #expect(running.handler.count(of: "/big") == count)
        }
    }
}

extension String {
    /// How often `part` occurs.
    func components(of part: String) -> Int { ranges(of: part).count }
}

extension TestHandler {
    /// How many requests for `path` have arrived.
    fileprivate func count(of path: String) -> Int { requests.all.count { $0 == path } }
}

extension TestClient {
    /// Takes a 200 response with a content of `size` bytes; false when it is another one.
    func take(responseOf size: Int) throws -> Bool {
        let response = try response()
        return response.status == 200 && response.body.count == size
    }
}
