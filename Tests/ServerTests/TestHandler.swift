import HTTP
import HTTPTypes
import TestSupport
import WebSocket

@testable import Reactor
@testable import Server

/// Answers by path, and tells the test what it saw.
final class TestHandler: HTTPHandler {
    /// The paths of the requests that arrived.
    let requests = Journal<String>()
    /// What live writers and WebSocket sessions were told.
    let news = Journal<String>()
    /// Where streamed requests came in.
    let channels = Journal<ChannelID>()
    /// What was wrong with streamed contents.
    let bodyErrors = Journal<BodyError>()
    /// The sizes of the pieces that streamed contents came in.
    let pieces = Journal<Int>()
    /// What a session on `/topic` listens to and passes messages on to.
    let topic: WebSocketTopic
    /// Holds `/wait`, `/count` and `/live-later` back.
    let gate = Gate()

    init(topic: WebSocketTopic) { self.topic = topic }

    static let collectLimit = 100_000
    static let streamLimit = 32 << 20

    func plan(for head: RequestHead) -> RequestPlan {
        switch head.path {
        case "/count", "/ignore": .stream(limit: Self.streamLimit)
        case "/count-small": .stream(limit: 10)
        default: .collect(limit: Self.collectLimit)
        }
    }

    func respond(to request: Request) async -> Response {
        requests.add(String(request.head.path))
        if let channel = request.stream?.channel { channels.add(channel) }
        switch request.head.path {
        case "/echo": return Response(status: .ok, body: .bytes(request.body))
        case "/wait":
            await gate.pass()
            return Response(status: .ok, body: .bytes(Array("waited".utf8)))
        case "/count":
            await gate.pass()
            return await count(request)
        case "/count-small": return await count(request)
        case "/ignore": return Response(status: .forbidden, body: .bytes(Array("no".utf8)))
        case "/big":
            let size = request.head.query.flatMap { Int($0) } ?? 0
            return Response(status: .ok, body: .bytes([UInt8](repeating: 0x78, count: size)))
        case "/bad": return Response(status: .ok, headers: [.contentLength: "7"])
        case "/live", "/live-later":
            if request.head.path == "/live-later" { await gate.pass() }
            return live()
        case "/socket":
            return socket(request) { worker, channel, news in
                let session = TestSession(channel, news)
                worker.attach(SessionBox(session))
                return session
            }
        case "/topic":
            let topic = self.topic
            return socket(request) { worker, channel, _ in TopicSession(channel, topic.local(worker)) }
        case "/publish":
            let topic = self.topic
            return socket(request) { worker, channel, news in
                news.add("\(worker.index)")
                return TopicSession(channel, topic.local(worker), joins: false)
            }
        default: return Response(status: .ok, body: .bytes(Array(request.head.target.utf8)))
        }
    }

    func refusal(_ reason: Refusal, of head: RequestHead?) -> (head: ResponseHead, body: [UInt8]) {
        switch reason {
        case .invalid(let error): (ResponseHead(status: error.suggestedStatus), Array(error.description.utf8))
        case .timeout(let limit): (ResponseHead(status: .requestTimeout), Array("late: \(limit)".utf8))
        case .tooManyConnections(let limit): (ResponseHead(status: .serviceUnavailable), Array("full: \(limit)".utf8))
        }
    }

    private func count(_ request: Request) async -> Response {
        var count = 0
        do throws(BodyError) {
            while let piece = try await request.stream?.next() {
                count += piece.count
                pieces.add(piece.count)
            }
        } catch {
            bodyErrors.add(error)
            return Response(status: .badRequest, body: .bytes(Array("after \(count)".utf8)))
        }
        return Response(status: .ok, body: .bytes(Array("\(count)".utf8)))
    }

    private func live() -> Response {
        let news = self.news
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: .live { worker, writer in
                news.add("live began")
                writer.onClose = { news.add("live closed") }
                writer.onDrain = { news.add("live drained") }
                worker.attach(LiveBox(writer))
            }
        )
    }

    private func socket(
        _ request: Request,
        _ session: @escaping @Sendable (isolated Worker, WebSocketChannel, Journal<String>) -> any WebSocketDelegate
    ) -> Response {
        let news = self.news
        do {
            let handshake = try HandshakeRequest(request.head)
            let head = handshake.accepting()
            let upgrade = WebSocketUpgrade(offers: handshake.extensions) { session($0, $1, news) }
            return Response(status: head.status, headers: head.headers, body: .webSocket(upgrade))
        } catch {
            return Response(status: error.response.status, headers: error.response.headers)
        }
    }
}

/// Publishes what it is sent, and gets what is published where it joins.
final class TopicSession: WebSocketDelegate {
    private let channel: WebSocketChannel
    private let topic: LocalTopic

    init(_ channel: WebSocketChannel, _ topic: LocalTopic, joins: Bool = true) {
        self.channel = channel
        self.topic = topic
        if joins { topic.join(channel) }
    }

    func webSocketReceived(text: Span<UInt8>) { publish(.text, text) }
    func webSocketReceived(binary: Span<UInt8>) { publish(.binary, binary) }

    private func publish(_ opcode: Opcode, _ payload: Span<UInt8>) {
        topic.publish(OutgoingMessage(opcode, Array(copying: payload)), from: channel)
    }

    func webSocketDrained() {}
    func webSocketDraining() { channel.close(.goingAway, reason: "") }
    func webSocketClosed() {}
}

/// Keeps the writer of the last live response where a test finds it.
final class LiveBox {
    let writer: ResponseWriter
    init(_ writer: ResponseWriter) { self.writer = writer }
}

/// Keeps the last session where a test finds it.
final class SessionBox {
    let session: TestSession
    init(_ session: TestSession) { self.session = session }
}

/// Sends every message back; `close` begins the closing handshake, and `slow` takes as long as its turn allows.
final class TestSession: WebSocketDelegate {
    let channel: WebSocketChannel
    private let news: Journal<String>

    init(_ channel: WebSocketChannel, _ news: Journal<String>) {
        self.channel = channel
        self.news = news
    }

    func webSocketReceived(text: Span<UInt8>) {
        switch String(decoding: Array(copying: text), as: UTF8.self) {
        case "close": return channel.close(.normal, reason: "as asked")
        case "slow": while !channel.stream.loop.isShareSpent {}
        default: break
        }
        channel.send(text: text)
    }

    func webSocketReceived(binary: Span<UInt8>) { channel.send(binary: binary) }
    func webSocketDrained() { news.add("socket drained") }

    func webSocketDraining() {
        news.add("socket draining")
        channel.send(text: Array("bye".utf8))
        channel.close(.goingAway, reason: "")
    }

    func webSocketClosed() { news.add("socket closed") }
}
