import Logging
import PropertySupport
import TestSupport
import Testing

@testable import Reactor
@testable import Server

/// Requests in, responses out.
@Suite struct RequestTests {
    /// One read holds far more chunks than one turn takes, and the request after them.
    @Test func chunksOfOneByteAreReadInShares() async throws {
        try await withServer { running in
            let chunks = String(repeating: "1\r\nx\r\n", count: 40_000)
            let head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            let client = try running.client(sending: head + chunks + "0\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response().text == String(repeating: "x", count: 40_000))
            #expect(try client.response().status == 200)
            #expect(running.handler.requests.all == ["/echo", "/after"])
        }
    }

    @Test func aConnectionIsKept() async throws {
        try await withServer { running in
            let client = try running.client()
            for number in 0..<5 {
                client.send("GET /\(number) HTTP/1.1\r\nHost: h\r\n\r\n")
                let response = try client.response()
                #expect(response.status == 200 && response.text == "/\(number)")
                #expect(response.fields["connection"] == nil && response.fields["date"] != nil)
            }
            #expect(running.connectionCount == 1)
            client.send("GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let last = try client.response()
            #expect(last.text == "/last" && last.fields["connection"] == "close")
            #expect(client.rest().ending == .end)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func pipelinedRequestsAreAnsweredInOrderHoweverTheyAreCut(seed: UInt64) async throws {
        try await withServer { running in
            var random = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            var expected: [String] = []
            for number in 0..<100 {
                let text = String(repeating: "\(number % 10)", count: Int.random(in: 1...300, using: &random))
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes += Array("GET /\(text) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
                    expected.append("/" + text)
                case 1:
                    let head = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(text.count)\r\n\r\n"
                    bytes += Array((head + text).utf8)
                    expected.append(text)
                default:
                    let chunk = String(text.count, radix: 16) + "\r\n" + text + "\r\n"
                    let head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    bytes += Array((head + chunk + chunk + "0\r\n\r\n").utf8)
                    expected.append(text + text)
                }
            }
            let cuts = (0..<Int(seed - 1) * 40).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            let client = try running.client()
            var start = 0
            for cut in cuts + [bytes.count] {
                client.send(Array(bytes[start..<cut]))
                start = cut
            }
            for text in expected { #expect(try client.response().text == text, "seed \(seed)") }
        }
    }

    @Test func wholeRequestsAreAnsweredAfterTheirSenderHasEndedItsSide() async throws {
        try await withServer { running in
            let one = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
            let client = try running.client(sending: one + one + one + "GET /half HTT")
            client.endSending()
            for _ in 0..<3 { #expect(try client.response().text == "/a") }
            let rest = client.rest()
            #expect(rest.text.isEmpty && rest.ending == .end)
            #expect(running.handler.requests.all == ["/a", "/a", "/a"])
        }
    }

    @Test func theAnswerToHeadHasNoContent() async throws {
        try await withServer { running in
            let client = try running.client(
                sending: "HEAD /big?100 HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n"
            )
            #expect(try client.response(isHead: true).fields["content-length"] == "100")
            #expect(try client.response().text == "/next")
        }
    }

    @Test func httpOneZeroIsClosedUnlessAskedOtherwise() async throws {
        try await withServer { running in
            let kept = try running.client(sending: "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try kept.response().fields["connection"] == "keep-alive")
            kept.send("GET /b HTTP/1.0\r\n\r\n")
            #expect(try kept.response().text == "/b")
            #expect(kept.rest().ending == .end)
        }
    }

    @Test func continueIsSentBeforeContentIsExpected() async throws {
        try await withServer { running in
            for path in ["/echo", "/count"] {
                running.handler.gate.open()
                let client = try running.client(
                    sending: "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
                )
                #expect(try client.response().status == 100)
                client.send("abc")
                #expect(try client.response().status == 200)
            }
        }
    }

    @Test(arguments: [("/echo", 100_001, 413), ("/ignore", 5, 403)])
    func continueIsNotSentWhenTheContentIsRefused(path: String, length: Int, status: Int) async throws {
        try await withServer { running in
            let client = try running.client(
                sending: "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try client.response().status == status)
            #expect(client.rest().ending == .end)
        }
    }

    @Test func aResponseThatCannotBeEncodedEndsTheConnection() async throws {
        try await withServer { running in
            let client = try running.client(sending: "GET /bad HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(client.rest().text.isEmpty)
            #expect(eventually { running.connectionCount == 0 })
        }
    }

    @Test func severalServersShareTheWorkers() async throws {
        try await withServer { running in
            let other = TestHandler(topic: WebSocketTopic(workers: running.workers))
            let second = Journal<HTTPServer>()
            Task {
                second.add(
                    try await HTTPServer(
                        on: SocketAddress(host: "127.0.0.1", port: 0) ?? running.server.address,
                        workers: running.workers,
                        configuration: ServerConfiguration(logger: Logger(label: "second")),
                        handler: other
                    )
                )
            }
            try #require(eventually { !second.all.isEmpty })
            let client = try running.client(sending: "GET /first HTTP/1.1\r\nHost: h\r\n\r\n")
            let guest = try TestClient(try #require(second.all.first).address)
            guest.send("GET /second HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response().text == "/first")
            #expect(try guest.response().text == "/second")
            #expect(running.connectionCount == 1)
            #expect(running.handler.requests.all == ["/first"] && other.requests.all == ["/second"])
            // The end of one leaves the other alone.
            let drained = running.drain()
            #expect(client.rest().ending == .end)
            #expect(eventually { !drained.all.isEmpty })
            guest.send("GET /again HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try guest.response().text == "/again")
        }
    }

    @Test func manyShortConnectionsAllGoAway() async throws {
        try await withServer { running in
            for number in 0..<300 {
                let client = try running.client(sending: "GET /\(number) HTTP/1.1\r\nHost: h\r\n\r\n")
                // Some leave without taking the answer.
                if number.isMultiple(of: 3) { #expect(try client.response().status == 200) }
            }
            #expect(eventually { running.connectionCount == 0 })
        }
    }
}
