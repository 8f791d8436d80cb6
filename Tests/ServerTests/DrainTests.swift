import CLinux
import Glibc
import TestSupport
import Testing
import WebSocket

@testable import Reactor
@testable import Server

/// Live responses, and the end of a server with everything it has open.
@Suite struct DrainTests {
    private static let live = "GET /live HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func aLiveResponseGoesOutAsItIsWritten() async throws {
        try await withServer { running in
            let client = try running.client(sending: Self.live)
            #expect(eventually { running.handler.news.all == ["live began"] })
            for text in ["one", "two"] {
                #expect(running.writeLive(Array(text.utf8)) == true)
                // Each is there before the next is written.
                if text == "one" { #expect(try client.headOfLiveResponse()["transfer-encoding"] == "chunked") }
                #expect(try client.chunk() == Array(text.utf8))
            }
            running.onWorker { $0.attachment(LiveBox.self)?.writer.end() }
            #expect(try client.chunk() == nil)
            #expect(client.rest().ending == .end)
            #expect(eventually { running.connectionCount == 0 })
            // An end that was asked for is no news, and nothing can be written after it.
            #expect(running.handler.news.all == ["live began"])
            #expect(running.writeLive([1]) == false)
        }
    }

    @Test func aLiveWriterIsToldToPauseAndToGoOn() async throws {
        try await withServer { running in
            let client = try running.client(sending: Self.live)
            try #require(eventually { running.handler.news.all == ["live began"] })
            var written = 0
            let piece = [UInt8](repeating: 1, count: 1 << 20)
            while running.writeLive(piece) == true, written < 100 { written += 1 }
            #expect(written < 100)
            _ = try client.headOfLiveResponse()
            for _ in 0...written { #expect(try client.chunk()?.count == piece.count) }
            #expect(eventually { running.handler.news.all == ["live began", "live drained"] })
        }
    }

    @Test(arguments: [true, false])
    func aLiveWriterIsToldWhenItsPeerLeaves(isOrderly: Bool) async throws {
        try await withServer { running in
            do {
                let client = try running.client(sending: Self.live)
                try #require(eventually { running.handler.news.all == ["live began"] })
                _ = try client.headOfLiveResponse()
                if !isOrderly {
                    _ = running.writeLive([1, 2, 3])
                    #expect(eventually { client.hasInput })
                }
            }
            #expect(eventually { running.handler.news.all == ["live began", "live closed"] })
            #expect(eventually { running.connectionCount == 0 })
        }
    }

    @Test func aStalledReaderOfALiveResponseIsCut() async throws {
        try await withServer {
            $0.stallTimeout = .milliseconds(200)
        } _: { running in
            let client = try running.client(sending: Self.live)
            try #require(eventually { running.handler.news.all == ["live began"] })
            for _ in 0..<20 { _ = running.writeLive([UInt8](repeating: 1, count: 1 << 20)) }
            #expect(eventually { running.handler.news.all.last == "live closed" })
            withExtendedLifetime(client) {}
        }
    }

    @Test func theLiveAnswerToHeadEndsAtOnce() async throws {
        try await withServer { running in
            let client = try running.client(sending: "HEAD /live HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response(isHead: true).status == 200)
            let rest = client.rest()
            #expect(rest.text.isEmpty && rest.ending == .end)
            #expect(running.handler.news.all == ["live began", "live closed"])
        }
    }

    @Test func drainingEndsWhatIsIdleAndLetsTheRestFinish() async throws {
        try await withServer { running in
            let idle = try running.client(sending: "GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try idle.response().status == 200)
            let fresh = try running.client()
            let busy = try running.client(sending: "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            let live = try running.client(sending: Self.live)
            let peer = try WebSocketPeer(try running.client())
            try #require(eventually { running.handler.requests.all.count == 4 && running.connectionCount == 5 })
            _ = try live.headOfLiveResponse()

            let drained = running.drain()
            #expect(idle.rest().ending == .end && fresh.rest().ending == .end)
            // A live response ends as its encoding wants it: the peer sees that it is whole.
            #expect(try live.chunk() == nil)
            #expect(live.rest().ending == .end)
            #expect(try peer.text() == "bye")
            #expect(try peer.next() == .closed(code: .goingAway, reason: "", initiatedLocally: false))
            #expect(peer.client.rest().ending == .end)
            #expect(throws: SystemError.self) { _ = try running.client() }

            // Only the running request is left, and it is waited for.
            #expect(drained.all.isEmpty)
            running.handler.gate.open()
            let last = try busy.response()
            #expect(last.text == "waited" && last.fields["connection"] == "close")
            #expect(busy.rest().ending == .end)
            let news = ["live began", "live closed", "socket closed", "socket draining"]
            #expect(eventually { running.handler.news.all.sorted() == news })
            #expect(eventually { drained.all == [true] })
        }
    }

    /// Requests that the kernel has and we have not read yet, on a kept connection and on one that was not even taken.
    @Test func whatHasArrivedWhenDrainingBeginsIsAnswered() async throws {
        try await withServer { running in
            let kept = try running.client(sending: "GET /first HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try kept.response().text == "/first")
            let fresh = try TestClient()
            let (server, descriptors) = (running.server, [kept.descriptor, fresh.descriptor])
            // On the loop itself, so that it cannot read in between.
            running.onWorker { worker in
                _ = server.address.withSockaddr { connect(descriptors[1], $0, $1) }
                let request = Array("GET /last HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
                for descriptor in descriptors { send(descriptor, request, request.count, 0) }
                worker.serverState(server.token)?.drain()
            }
            for client in [kept, fresh] {
                let last = try client.response()
                #expect(last.text == "/last" && last.fields["connection"] == "close")
                #expect(client.rest().ending == .end)
            }
            #expect(eventually { running.connectionCount == 0 })
        }
    }

    @Test func whatBeginsWhileTheServerDrainsEndsToo() async throws {
        try await withServer { running in
            let live = try running.client(sending: "GET /live-later HTTP/1.1\r\nHost: h\r\n\r\n")
            try #require(eventually { running.handler.requests.all.count == 1 })
            let drained = running.drain()
            try #require(eventually { (try? running.client()) == nil })
            running.handler.gate.open()
            _ = try live.headOfLiveResponse()
            #expect(try live.chunk() == nil)
            #expect(live.rest().ending == .end)
            #expect(eventually { running.handler.news.all == ["live began", "live closed"] })
            #expect(eventually { drained.all == [true] })
        }
    }

    @Test func drainingEndsWithItsDeadline() async throws {
        try await withServer { running in
            let busy = try running.client(sending: "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            try #require(eventually { running.handler.requests.all.count == 1 })
            let drained = running.drain(within: .milliseconds(50))
            #expect(eventually { drained.all == [true] })
            #expect(running.connectionCount == 1)
            withExtendedLifetime(busy) {}
        }
    }
}

extension RunningServer {
    /// Writes to the last live response; nil when there was none.
    fileprivate func writeLive(_ bytes: [UInt8]) -> Bool? {
        onWorker { $0.attachment(LiveBox.self)?.writer.write(bytes) }
    }
}

extension TestClient {
    /// Takes the head of a response whose chunks the test wants to see one by one, and returns its fields.
    fileprivate func headOfLiveResponse() throws -> [String: String] {
        let response = try response(isHead: true)
        #expect(response.status == 200)
        return response.fields
    }
}
