import Domain
import JSON
import Reactor
import Server
import Streams
import WebSocket

/// One WebSocket of the subprotocol `signalbox.v1`: JSON-RPC in, answers and events out.
///
/// Lives on its loop. Commands run as tasks on the same loop, which find the session again by its connection's id.
final class RPCSession: WebSocketDelegate {
    enum Phase {
        /// Nothing was said yet.
        case greeting
        /// `hello` is being answered; what comes meanwhile waits.
        case checking
        /// Somebody is here.
        case ready(Principal)
        /// The last answers go out.
        case draining
        /// Nothing is read or sent any more.
        case closed
    }

    let services: Services
    let worker: Worker
    let channel: WebSocketChannel
    let loop: EventLoop
    let hub: StreamHub?
    let sessions: LocalSessions?
    let sockets: LocalSockets?
    /// By what the handshake proved who opened the connection, where it did.
    let opener: Caller.Proof?
    var phase = Phase.greeting
    var streams: [StreamName: AttachedStream] = [:]
    /// The last task of each thing that is changed in order.
    var tails: [String: (number: UInt64, task: Task<Void, Never>)] = [:]
    var batches: [UInt64: RPCBatch] = [:]
    /// Whether the client says how far it is (`ack`); nil while that is not known.
    var acknowledges: Bool?
    /// What the client was last told of the service.
    var toldStatus = ServiceStatus.ok
    /// Whether a timer looks whether the client goes on to acknowledge.
    var isWatching = false
    var commandsInFlight = 0
    /// Messages that came while `hello` was being answered.
    var early: [[UInt8]] = []
    private var earlyBytes = 0
    var timers: [TimerID] = []
    private var bucket: TokenBucket
    private var lastNumber: UInt64 = 0

    /// Bytes kept for somebody of whom nothing is known yet.
    private static let maximumEarlyBytes = 64 * 1024

    init(_ services: Services, _ worker: isolated Worker, _ channel: WebSocketChannel, opener: Caller.Proof?) {
        self.services = services
        self.worker = worker
        self.channel = channel
        loop = worker.loop
        hub = worker.attachment(StreamHub.self)
        sessions = worker.attachment(LocalSessions.self)
        sockets = worker.attachment(LocalSockets.self)
        self.opener = opener
        let limits = services.configuration
        bucket = TokenBucket(capacity: limits.messageBurst, perSecond: limits.messagesPerSecond, now: worker.loop.now)
        schedule(after: limits.helloTimeout) { $0.helloIsLate() }
    }

    // MARK: Messages

    func webSocketReceived(text: Span<UInt8>) {
        guard bucket.take(now: loop.now) else { return close(Problem(.tooManyRequests), limit: rateLimit) }
        switch phase {
        case .greeting: greet(text)
        case .checking:
            let limit = services.configuration.maximumCommands
            guard early.count < limit else {
                return close(Problem(.tooManyRequests), limit: "max_commands of \(limit)")
            }
            earlyBytes += text.count
            guard earlyBytes <= Self.maximumEarlyBytes else {
                return close(Problem(.tooManyRequests), limit: "early_bytes of \(Self.maximumEarlyBytes)")
            }
            early.append(Array(copying: text))
        case .ready(let principal): receive(text, from: principal)
        case .draining, .closed: break
        }
    }

    func webSocketReceived(binary: Span<UInt8>) {
        close(Problem(.unsupportedMediaType, "Messages are text."))
    }

    func webSocketDrained() { pumpAll() }

    func webSocketDraining() {
        switch phase {
        case .draining, .closed: return
        case .greeting, .checking, .ready: break
        }
        // Spread over some time, so that the next server is not met by everybody at once.
        let delay = Int.random(in: 200...2000)
        channel.send(text: RPCText.notification("goaway", ["reconnect_after_ms": JSON(delay)]))
        forgetSession()
        phase = .draining
        schedule(after: services.configuration.drainTimeout) { $0.close(Problem(.goingAway)) }
        closeIfDrained()
    }

    func webSocketClosed() { end() }

    // MARK: Ends

    /// Ends the connection with the problem's close code.
    /// - Parameter limit: the limit that was reached, named in the reason behind the problem's code.
    func close(_ problem: Problem, limit: String? = nil) {
        if case .closed = phase { return }
        let code = CloseCode(rawValue: problem.code.meaning.close ?? CloseCode.internalError.rawValue)
        let name = problem.code.rawValue
        channel.close(code, reason: limit.map { "\(name): \($0)" } ?? name)
        end()
    }

    private var rateLimit: String {
        let configuration = services.configuration
        return "messages_per_second of \(configuration.messagesPerSecond) (message_burst \(configuration.messageBurst))"
    }

    /// Lets go of everything the session holds of others.
    private func end() {
        if case .closed = phase { return }
        forgetSession()
        sockets?.remove(self)
        phase = .closed
        let ended = streams.values
        streams = [:]
        for stream in ended { end(stream) }
        batches = [:]
        early = []
        for timer in timers { loop.cancel(timer) }
        timers = []
    }

    var isReady: Bool { if case .ready = phase { true } else { false } }

    func closeIfDrained() {
        guard case .draining = phase, commandsInFlight == 0 else { return }
        close(Problem(.goingAway))
    }

    private func helloIsLate() {
        switch phase {
        case .greeting, .checking: close(Problem(.helloTimeout))
        case .ready, .draining, .closed: break
        }
    }

    func schedule(after delay: Duration, _ body: @escaping (RPCSession) -> Void) {
        timers.append(
            loop.schedule(after: delay) { [weak self] in
                if let self { body(self) }
            }
        )
    }

    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }
}

extension Worker {
    /// The session on a connection, if both are still there.
    func rpcSession(_ id: ChannelID) -> RPCSession? {
        ((loop.handler(for: id) as? SocketStream)?.delegate as? WebSocketChannel)?.session as? RPCSession
    }
}
