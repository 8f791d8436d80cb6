import Glibc
import PropertySupport
import TestSupport
import Testing

@testable import Reactor
@testable import Server

/// Every size and every time has a limit.
@Suite struct LimitTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test(arguments: RefusedRequest.all)
    func whatIsOverALimitIsRefusedOnceWithItsName(request: RefusedRequest) async throws {
        try await withServer { running in
            // What follows a refused request is never looked at.
            let client = try running.client(sending: Self.get + request.text + Self.get)
            #expect(try client.response().text == "/a")
            let response = try client.response()
            #expect(response.status == request.status)
            #expect(response.text.contains(request.testDescription) && response.fields["connection"] == "close")
            let rest = client.rest()
            #expect(rest.text.isEmpty && rest.ending == .end)
        }
    }

    @Test func aHeadThatNeverEndsIsCut() async throws {
        try await withServer {
            $0.headerTimeout = .milliseconds(200)
        } _: { running in
            let silent = try running.client()
            let slow = try running.client(sending: "GET / HTTP/1.1\r\nHost")
            let refused = try slow.response()
            #expect(refused.status == 408 && refused.text == "late: header_timeout of 1 s")
            #expect(slow.rest().ending == .end)
            let rest = silent.rest()
            #expect(rest.text.isEmpty && rest.ending == .end)
            // A byte now and then buys no time.
            let dripping = try running.client(sending: "GET / HTTP/1.1\r\nX: ")
            #expect(eventually { !dripping.send([0x61]) || dripping.hasInput })
        }
    }

    /// The time of a head is not the idle time of the connection it comes on.
    @Test func aLaterHeadHasNoMoreTimeThanTheFirst() async throws {
        try await withServer {
            $0.headerTimeout = .milliseconds(200)
            $0.idleTimeout = .seconds(3600)
        } _: { running in
            let client = try running.client(sending: Self.get)
            #expect(try client.response().status == 200)
            client.send("GET /b HTT")
            #expect(try client.response().status == 408)
            let pipelined = try running.client(sending: Self.get + "GET /b HTT")
            #expect(try pipelined.response().status == 200)
            #expect(try pipelined.response().status == 408)
        }
    }

    @Test func aContentThatStopsIsCut() async throws {
        try await withServer {
            $0.bodyTimeout = .milliseconds(150)
        } _: { running in
            running.handler.gate.open()
            for path in ["/echo", "/count"] {
                let client = try running.client(
                    sending: "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
                )
                let refused = try client.response()
                #expect(refused.status == 408 && refused.text == "late: body_timeout of 1 s")
                let rest = client.rest()
                #expect(rest.text.isEmpty && rest.ending == .end)
            }
            #expect(eventually { running.handler.bodyErrors.all == [.disconnected] })
        }
    }

    @Test func anIdleConnectionIsClosedAndABusyOneIsNot() async throws {
        try await withServer {
            $0.idleTimeout = .milliseconds(150)
        } _: { running in
            let busy = try running.client(sending: "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            let idle = try running.client(sending: Self.get)
            #expect(try idle.response().status == 200)
            let rest = idle.rest()
            #expect(rest.text.isEmpty && rest.ending == .end)
            running.handler.gate.open()
            #expect(try busy.response().text == "waited")
        }
    }

    @Test func connectionsOverTheLimitAreRefused() async throws {
        try await withServer {
            $0.maximumConnections = 2
        } _: { running in
            let first = try running.client(sending: Self.get)
            let second = try running.client(sending: Self.get)
            #expect(try first.response().status == 200 && second.response().status == 200)
            let third = try running.client(sending: Self.get)
            let refused = try third.response()
            #expect(refused.status == 503 && refused.text == "full: max_connections of 2")
            #expect(third.rest().ending == .end)
            // So many may stay until their refusal is delivered for certain; the rest is answered and closed at once.
            let flood = try (0..<200).map { _ in try running.client() }
            for client in flood { #expect(try client.response().text == "full: max_connections of 2") }
            #expect(running.connectionCount <= 2 + 64)
            first.send("GET /still HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try first.response().text == "/still")
        }
    }

    @Test(arguments: ["/echo", "/count"])
    func aContentThatDripsIsCut(path: String) async throws {
        try await withServer {
            $0.bodyTimeout = .milliseconds(200)
            $0.minimumBodyRate = 1000
        } _: { running in
            running.handler.gate.open()
            let client = try running.client(
                sending: "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n"
            )
            #expect(eventually { !client.send([0x61]) || client.hasInput })
            let refused = try client.response()
            #expect(refused.status == 408 && refused.text == "late: min_body_rate of 1000 B/s")
            #expect(eventually { running.connectionCount == 0 })
        }
    }

    @Test func oneAddressHasSoManyConnectionsOnAllLoops() async throws {
        try await withServer(workers: 2) {
            $0.maximumConnectionsPerAddress = 5
            $0.unlimitedAddresses = []
        } _: { running in
            let clients = try (0..<5).map { _ in try running.client(sending: Self.get) }
            for client in clients { #expect(try client.response().status == 200) }
            // A WebSocket keeps the place that its connection had.
            let socket = try WebSocketPeer(clients[0])
            for _ in 0..<10 {
                let refused = try running.client(sending: Self.get)
                #expect(try refused.response().text == "full: max_connections_per_address of 5")
                #expect(refused.rest().ending == .end)
            }
            socket.send("still here")
            #expect(try socket.text() == "still here")
            // Another address is not concerned.
            let other = try running.client(from: "127.0.0.2")
            other.send(Self.get)
            #expect(try other.response().status == 200)
            socket.send("close")
            _ = try socket.next()
            #expect(socket.client.rest().ending == .end)
            #expect(eventually { (try? running.client(sending: Self.get).response().status) == 200 })
        }
    }

    @Test func thereIsRoomAgainWhenOneLeaves() async throws {
        try await withServer {
            $0.maximumConnections = 1
        } _: { running in
            do {
                let first = try running.client(sending: Self.get)
                #expect(try first.response().status == 200)
            }
            #expect(eventually { running.connectionCount == 0 })
            let next = try running.client(sending: Self.get)
            #expect(try next.response().status == 200)
        }
    }

    @Test(arguments: ["keep-alive", "close"])
    func aReaderThatTakesNothingIsCut(option: String) async throws {
        try await withServer {
            $0.stallTimeout = .milliseconds(200)
        } _: { running in
            let client = try running.client(
                sending: "GET /big?40000000 HTTP/1.1\r\nHost: h\r\nConnection: \(option)\r\n\r\n"
            )
            #expect(eventually { running.handler.requests.all.count == 1 && running.connectionCount == 0 })
            withExtendedLifetime(client) {}
        }
    }

    @Test(arguments: ["keep-alive", "close"])
    func aSlowReaderIsNotCut(option: String) async throws {
        try await withServer {
            $0.stallTimeout = .milliseconds(250)
            $0.idleTimeout = .milliseconds(50)
        } _: { running in
            let size = 16_000_000
            let client = try running.client(buffers: 200_000)
            client.send("GET /big?\(size) HTTP/1.1\r\nHost: h\r\nConnection: \(option)\r\n\r\n")
            var received = 0
            let start = ContinuousClock.now
            while received < size {
                let bytes = client.takeSome()
                if bytes.isEmpty { break }
                received += bytes.count
                // Slow on purpose, until it has lasted several timeouts.
                if ContinuousClock.now - start < .milliseconds(1000) { usleep(20_000) }
            }
            #expect(received > size)
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func noiseNeverStopsTheServer(seed: UInt64) async throws {
        try await withServer { running in
            var random = SeededGenerator(seed: seed)
            let seeds = [
                Self.get, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
                "POST /count-small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n",
                WebSocketPeer.handshake() + "\u{1}\u{7f}\u{0}\u{0}\u{0}",
            ]
            for _ in 0..<150 {
                var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
                bytes += bytes
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                    }
                }
                let client = try running.client()
                client.send(bytes)
                if Bool.random(using: &random) { client.endSending() }
            }
            let last = try running.client(sending: Self.get)
            #expect(try last.response().text == "/a", "seed \(seed)")
        }
    }
}

extension TestClient {
    /// Whether something waits to be read, be it the end.
    var hasInput: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0
    }
}
