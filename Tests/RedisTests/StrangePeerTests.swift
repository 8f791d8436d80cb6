import Glibc
import Reactor
import TestSupport
import Testing

@testable import Redis

/// Sends the same to everybody who connects, and perhaps ends the connection.
private final class StrangePeer: StreamDelegate {
    private weak var stream: SocketStream?

    static func greet(_ descriptor: Int32, on loop: EventLoop, with bytes: [UInt8], andEnd ends: Bool) {
        let peer = StrangePeer()
        guard let stream = try? SocketStream(descriptor: descriptor, on: loop, delegate: peer) else { return }
        stream.write(bytes)
        if ends { stream.closeAfterFlush() }
        peer.stream = stream
    }

    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) {}
    func streamReachedEnd() { stream?.abort() }
    func streamDrained() {}
    func streamClosed(_ error: SystemError?) {}
}

/// What listens on the port is not Redis, or one gone mad.
@Suite(.timeLimit(.minutes(1))) struct StrangePeerTests {
    /// What a client says first of a peer that sends `bytes`.
    private func complaint(about bytes: [UInt8], thatEnds ends: Bool = false) async throws -> RedisError? {
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let worker = TestDatabase.workers.workers[1]
        let socket = try #require(try ListeningSocket.open(any, count: 1).first)
        try await worker.run { worker throws(SystemError) in
            let loop = worker.loop
            let acceptor = try Acceptor(socket, on: loop) { descriptor, _ in
                StrangePeer.greet(descriptor, on: loop, with: bytes, andEnd: ends)
            } onExhaustion: { _ in
            }
            worker.attach(acceptor)
        }
        var options = RedisOptions()
        options.heartbeat = .milliseconds(50)
        options.replyBytes = 100_000
        let client = RedisPubSub(
            try RedisConfiguration("redis://\(socket.address)"),
            options: options,
            worker: TestDatabase.workers.workers[0],
            blockingPool: TestDatabase.blockingPool
        )
        let (events, continuation) = AsyncStream.makeStream(of: RedisEvent.self)
        client.listen(to: "news") { continuation.yield($0) }
        var iterator = events.makeAsyncIterator()
        let event = await iterator.next()
        await client.close()
        await worker.run { $0.attachment(Acceptor.self)?.close() }
        guard case .disconnected(let error) = event else { return nil }
        return error
    }

    @Test func anotherProtocolIsFoundOut() async throws {
        for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", ":1\r\n:1\r\n", "$2\r\nOK\r\n+what\r\n", "*-1\r\n*-1\r\n"] {
            guard case .protocolViolation = try await complaint(about: Array(text.utf8)) else {
                Issue.record("\(text) was taken")
                return
            }
        }
    }

    @Test func aReplyWithoutAnEndIsCutOff() async throws {
        let endless = Array("$1000000000\r\n".utf8) + [UInt8](repeating: 1, count: 1 << 20)
        #expect(try await complaint(about: endless) == .replyTooLarge(limit: 100_000))
        #expect(try await complaint(about: Array("*2000000000\r\n".utf8)) == .replyTooLarge(limit: 100_000))
    }

    @Test func whoSaysNothingOrGoesIsGivenUp() async throws {
        #expect(try await complaint(about: []) == .silent)
        guard case .connectionLost = try await complaint(about: [], thatEnds: true) else {
            Issue.record("an end was not noticed")
            return
        }
    }
}
