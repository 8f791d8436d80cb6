import Glibc
import Testing
import WebSocket

@testable import Reactor
@testable import Server

/// WebSocket sessions from handshake to close.
@Suite struct WebSocketTests {
    @Test func messagesComeBackWhole() async throws {
        try await withServer { running in
            // The first message travels with the handshake.
            let peer = try WebSocketPeer(try running.client(), early: WebSocketPeer.frame(.text, Array("early".utf8)))
            #expect(try peer.text() == "early")
            peer.send(.text, Array("grü".utf8), isFinal: false)
            peer.send(.ping, [1, 2])
            peer.send(.continuation, Array("ße".utf8), isFinal: true)
            #expect(try peer.next() == .pong([1, 2]))
            #expect(try peer.text() == "grüße")
            let large = [UInt8](repeating: 7, count: 900_000)
            peer.send(.binary, large)
            #expect(try peer.next() == .binary(large))
            #expect(running.connectionCount == 1)
        }
    }

    /// What its turn is not enough for is put off, and comes in the same order.
    @Test func whatATurnIsNotEnoughForComesLater() async throws {
        try await withServer { running in
            let peer = try WebSocketPeer(try running.client())
            var wire: [UInt8] = []
            var expected: [WebSocketEvent] = []
            for round in 0..<20 {
                let large = [UInt8](repeating: UInt8(round), count: 20_000)
                wire += WebSocketPeer.frame(.text, Array("slow".utf8))
                for number in 0..<9 { wire += WebSocketPeer.frame(.binary, [UInt8(number)]) }
                wire += WebSocketPeer.frame(.ping, [UInt8(round)])
                wire += WebSocketPeer.frame(.binary, Array(large[..<9]), isFinal: false)
                wire += WebSocketPeer.frame(.continuation, Array(large[9...]))
                wire += WebSocketPeer.frame(.binary, large)
                expected.append(.text(Array("slow".utf8)))
                expected += (0..<9).map { .binary([UInt8($0)]) }
                expected += [.pong([UInt8(round)]), .binary(large), .binary(large)]
            }
            peer.client.send(wire)
            for event in expected { #expect(try peer.next() == event) }
        }
    }

    /// Compressed messages of which one visit inflates only a part, with nothing behind them that would wake the server.
    @Test(arguments: [5_000, 20_000, 60_000, 200_000])
    func aLargeCompressedMessageComesBackByItself(size: Int) async throws {
        try await withServer {
            $0.deflate = DeflatePolicy()
        } _: { running in
            let peer = try WebSocketPeer(try running.client(), offer: "permessage-deflate")
            var random = SystemRandomNumberGenerator()
            // Letters: they compress to two thirds, so that neither side is small.
            let message = (0..<size).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }
            let deflate = PerMessageDeflate(DeflateParameters(), pool: DeflatePool(policy: DeflatePolicy()))
            let encoded = try #require(message.withUnsafeBytes { deflate.encode($0) })
            for _ in 0..<3 {
                var frame: [UInt8] = []
                FrameEncoder.encode(.text, payload: encoded, reservedBits: .rsv1, maskKey: 0x0102_0304, into: &frame)
                peer.client.send(frame)
                #expect(try peer.next() == .text(message))
            }
        }
    }

    @Test func theClosingHandshakeIsAnswered() async throws {
        try await withServer { running in
            let peer = try WebSocketPeer(try running.client())
            peer.send(.close, [0x0F, 0xA0] + Array("done".utf8))
            #expect(
                try peer.next(isMute: true)
                    == .closed(code: CloseCode(rawValue: 4000), reason: "", initiatedLocally: false)
            )
            #expect(peer.client.rest().ending == .end)
            #expect(eventually { running.handler.news.all == ["socket closed"] })
        }
    }

    @Test func theServerClosesAndWaitsForTheAnswer() async throws {
        try await withServer { running in
            let peer = try WebSocketPeer(try running.client())
            peer.send("close")
            #expect(try peer.next() == .closed(code: .normal, reason: "as asked", initiatedLocally: false))
            #expect(peer.client.rest().ending == .end)
            #expect(eventually { running.connectionCount == 0 })
        }
    }

    /// The wait for the answer is short, also when the next heartbeat is far away.
    @Test func aPeerThatDoesNotAnswerTheCloseIsCut() async throws {
        try await withServer {
            $0.pingInterval = .seconds(3600)
            $0.closeTimeout = .milliseconds(150)
        } _: { running in
            let peer = try WebSocketPeer(try running.client())
            peer.send("close")
            _ = try peer.next(isMute: true)
            #expect(peer.client.rest().text.isEmpty)
            #expect(eventually { running.handler.news.all == ["socket closed"] })
        }
    }

    @Test(arguments: [
        ([0x81, 0x01, 0x61], CloseCode.protocolError),
        (WebSocketPeer.frame(.text, [0xFF]), .invalidPayload),
        (WebSocketPeer.frame(.binary, [UInt8](repeating: 0, count: 2000)), .messageTooBig),
        ([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], .messageTooBig),
        ([0x83], .protocolError),
    ])
    func aBrokenRuleEndsTheSessionWithItsCode(bytes: [UInt8], code: CloseCode) async throws {
        try await withServer {
            $0.webSocket.messageBytes = 1000
        } _: { running in
            let peer = try WebSocketPeer(try running.client())
            peer.send("fine")
            peer.client.send(bytes)
            #expect(try peer.text() == "fine")
            guard case .closed(let received, _, _)? = try peer.next(isMute: true) else {
                Issue.record("no close frame")
                return
            }
            #expect(received == code)
            #expect(peer.client.rest().ending == .end)
            #expect(eventually { running.handler.news.all == ["socket closed"] })
        }
    }

    @Test func onlyAPeerThatAnswersPingsIsKept() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(50)
            $0.pongTimeout = .milliseconds(400)
        } _: { running in
            let mute = try WebSocketPeer(try running.client())
            #expect(try mute.next(isMute: true) == .ping([]))
            let lively = try WebSocketPeer(try running.client())
            for _ in 0..<10 { #expect(try lively.next() == .ping([])) }
            #expect(try mute.next(isMute: true) == nil)
            #expect(eventually { running.handler.news.all == ["socket closed"] })
            lively.send("still here")
            #expect(try lively.text() == "still here")
        }
    }

    @Test func aPeerThatEndsWithoutGoodbyeIsGone() async throws {
        try await withServer { running in
            let peer = try WebSocketPeer(try running.client())
            peer.client.endSending()
            #expect(eventually { running.handler.news.all == ["socket closed"] && running.connectionCount == 0 })
        }
    }

    @Test(arguments: [
        WebSocketPeer.frame(.ping, [UInt8](repeating: 1, count: 125)),
        WebSocketPeer.frame(.binary, [UInt8](repeating: 1, count: 1000)),
    ])
    func aPeerThatSendsAndTakesNothingIsNotListenedTo(frame: [UInt8]) async throws {
        try await withServer {
            $0.writeBudget = 65_536
            $0.maximumFramesPerSecond = 0
        } _: { running in
            let peer = try WebSocketPeer(try running.client(buffers: 65_536))
            let frames = Array((0..<100).map { _ in frame }.joined())
            let limit = 64 << 20
            #expect(peer.client.flood(frames, limit: limit) < limit)
            let pending = running.pendingOfSession
            #expect(pending > 0 && pending < 1 << 20)
            // It is heard again as soon as it reads.
            for _ in 0..<1000 { try #require(try peer.next() != nil) }
        }
    }

    /// Pings, fragments and messages alike: each costs us a look at it.
    @Test(arguments: [Opcode.ping, .text, .pong])
    func tooManyFramesOfAnyKindEndTheSession(opcode: Opcode) async throws {
        try await withServer {
            $0.maximumFramesPerSecond = 100
        } _: { running in
            let peer = try WebSocketPeer(try running.client())
            let frame = WebSocketPeer.frame(opcode, [0x61])
            // All of them within one second, whenever it begins.
            peer.client.send(Array((0..<300).map { _ in frame }.joined()))
            while let event = try peer.next(isMute: true) {
                guard case .closed(let code, let reason, _) = event else { continue }
                #expect(code == .policyViolation)
                #expect(reason == "Over the limit max_frames_per_second of 100.")
                return
            }
            Issue.record("the session was not closed")
        }
    }

    @Test func framesAreCountedBySecond() {
        let second: UInt64 = 1_000_000_000
        let steps: [(count: UInt32, time: UInt64, isAdmitted: Bool)] = [
            (100, 5 * second, true), (101, 5 * second + 1, false), (201, 6 * second, true),
            (202, 7 * second - 1, false), (.max - 10, 8 * second, false), (50, 9 * second, true),
            (90, 9 * second + 1, false),
        ]
        var rate = FrameRate()
        for step in steps {
            let isAdmitted = rate.admits(step.count, at: step.time, limit: 100)
            #expect(isAdmitted == step.isAdmitted, "\(step)")
        }
    }

    @Test func aStalledReaderIsCutAndASlowOneIsNot() async throws {
        try await withServer {
            $0.stallTimeout = .milliseconds(250)
            // The ping waits behind what the slow one has not read; that is no reason to cut it.
            $0.pingInterval = .milliseconds(50)
            $0.pongTimeout = .milliseconds(50)
        } _: { running in
            let stalled = try WebSocketPeer(try running.client(buffers: 65_536))
            running.pushToSession(16 << 20)
            #expect(eventually { running.handler.news.all == ["socket closed"] })
            withExtendedLifetime(stalled) {}

            let slow = try WebSocketPeer(try running.client(buffers: 65_536))
            running.pushToSession(4 << 20)
            let start = ContinuousClock.now
            var received = 0
            while received < 4 << 20 {
                let bytes = slow.client.takeSome()
                if bytes.isEmpty { break }
                received += bytes.count
                if ContinuousClock.now - start < .milliseconds(800) { usleep(5000) }
            }
            #expect(received >= 4 << 20)
        }
    }
}

extension RunningServer {
    /// Output that waits for the last session's peer.
    fileprivate var pendingOfSession: Int {
        onWorker { worker in
            guard let channel = worker.attachment(SessionBox.self)?.session.channel, let id = channel.id else {
                return 0
            }
            return (worker.loop.handler(for: id) as? SocketStream)?.pendingBytes ?? 0
        }
    }

    /// Sends `count` bytes to the last session's peer.
    fileprivate func pushToSession(_ count: Int) {
        onWorker { worker in
            let channel = worker.attachment(SessionBox.self)?.session.channel
            channel?.send(binary: [UInt8](repeating: 1, count: count))
        }
    }
}
