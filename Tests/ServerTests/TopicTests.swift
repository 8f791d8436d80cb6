import Foundation
import Testing
import WebSocket

@testable import Reactor
@testable import Server

/// One topic, its subscribers on several loops and in several forms.
@Suite struct TopicTests {
    /// Compressible, and long enough to be compressed.
    private static func message(_ number: Int) -> String {
        "\(number) " + String(repeating: "live state and approvals ", count: 12)
    }

    @Test(arguments: [false, true])
    func everySubscriberGetsEverythingInOrder(keepsContext: Bool) async throws {
        try await withServer(workers: 2) {
            var policy = DeflatePolicy()
            policy.keepsServerContext = keepsContext
            $0.deflate = policy
        } _: { running in
            let offers = [
                nil, "permessage-deflate", "permessage-deflate; server_max_window_bits=9", nil,
                "permessage-deflate; server_no_context_takeover", "permessage-deflate; server_max_window_bits=12",
                "permessage-deflate",
            ]
            let peers = try offers.map { try WebSocketPeer(try running.client(), path: "/topic", offer: $0) }
            for (peer, offer) in zip(peers, offers) { #expect((peer.agreed == nil) == (offer == nil)) }
            // Its own subscription tells when all are there: what is sent before reaches whoever has joined.
            let publisher = try WebSocketPeer(try running.client(), path: "/topic")
            for number in 0..<200 { publisher.send(Self.message(number)) }
            for peer in peers + [publisher] {
                for number in 0..<200 { #expect(try peer.text() == Self.message(number)) }
            }
        }
    }

    /// What a busy loop is told waits for it, so there must not be more and more of it.
    @Test func aPublisherWaitsForALoopThatIsBehind() async throws {
        try await withServer(workers: 2) {
            $0.writeBudget = 64 << 20
            $0.maximumFramesPerSecond = 0
        } _: { running in
            let subscriber = try WebSocketPeer(try running.client(), path: "/topic")
            let large = String(repeating: "x", count: 60_000)
            let mayPublish = DispatchSemaphore(value: 0)
            // It has to wait until its bytes are read.
            Thread {
                guard let publisher = try? WebSocketPeer(try running.client(), path: "/publish") else { return }
                mayPublish.wait()
                for number in 0..<300 { publisher.send("\(number) \(large)") }
            }.start()
            #expect(eventually { !running.handler.news.all.isEmpty })
            let home = try #require(running.handler.news.all.first.flatMap { Int($0) })
            let isFree = DispatchSemaphore(value: 0)
            running.workers.workers[1 - home].post { _ in isFree.wait() }
            mayPublish.signal()
            let topic = running.handler.topic
            let isHeld = eventually { running.on(home) { topic.local($0).held.count } == 1 }
            let waiting = running.on(home) { topic.local($0).flight.count }
            isFree.signal()
            #expect(isHeld)
            #expect(waiting > TopicFlight.budget && waiting <= TopicFlight.budget + 256 * 1024)
            for number in 0..<300 { #expect(try subscriber.text() == "\(number) \(large)") }
            #expect(eventually { running.on(home) { topic.local($0).held.isEmpty } })
            #expect(running.on(home) { topic.local($0).flight.count } == 0)
        }
    }

    @Test func whoLetsTooMuchWaitIsClosedAndTheOthersLoseNothing() async throws {
        try await withServer {
            $0.writeBudget = 65_536
            $0.maximumFramesPerSecond = 0
        } _: { running in
            let slow = try WebSocketPeer(try running.client(buffers: 4096), path: "/topic")
            let healthy = try WebSocketPeer(try running.client(), path: "/topic")
            let large = String(repeating: "x", count: 8000)
            // More than the kernel's buffers and the budget hold together.
            for number in 0..<1500 {
                healthy.send("\(number) \(large)")
                #expect(try healthy.text() == "\(number) \(large)")
            }
            var seen = 0
            while let event = try slow.next(isMute: true) {
                switch event {
                case .text(let text):
                    #expect(String(decoding: text.prefix { $0 != 0x20 }, as: UTF8.self) == "\(seen)")
                    seen += 1
                case .closed(let code, let reason, _):
                    #expect(code == .tryAgainLater)
                    #expect(reason == "Over the limit write_budget of 65536.")
                    #expect(seen < 1500)
                    return
                case .binary, .ping, .pong: break
                }
            }
            Issue.record("the slow subscriber was not told")
        }
    }
}
