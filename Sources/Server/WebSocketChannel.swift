public import Reactor
public import WebSocket

/// How a connection becomes a WebSocket.
public struct WebSocketUpgrade: Sendable {
    /// Makes the session that uses the channel. Called on the loop.
    public let accept: @Sendable (isolated Worker, WebSocketChannel) -> any WebSocketDelegate

    /// Creates the value.
    public init(accept: @escaping @Sendable (isolated Worker, WebSocketChannel) -> any WebSocketDelegate) {
        self.accept = accept
    }
}

/// Who uses a ``WebSocketChannel``.
public protocol WebSocketDelegate: AnyObject {
    /// A whole text message, valid UTF-8.
    func webSocketReceived(text: [UInt8])
    /// A whole binary message.
    func webSocketReceived(binary: [UInt8])
    /// What was sent has drained after ``WebSocketChannel/canTakeMore`` was false.
    func webSocketDrained()
    /// The server goes down; the session should say goodbye and close.
    func webSocketDraining()
    /// The connection is over; the last call.
    func webSocketClosed()
}

/// One WebSocket connection on its loop: messages in and out, heartbeat, closing handshake, and the end of a peer that
/// takes nothing.
public final class WebSocketChannel: StreamDelegate {
    private let stream: SocketStream
    private let server: ServerState
    private var connection: WebSocketConnection
    private var delegate: (any WebSocketDelegate)?
    private var heartbeat: Watchdog?
    private let stall: StallGuard
    private var isAwaitingPong = false
    private var isClosed = false

    init(stream: SocketStream, server: ServerState, loop: EventLoop) {
        self.stream = stream
        self.server = server
        connection = WebSocketConnection(limits: server.configuration.webSocket)
        stall = StallGuard(stream, timeout: server.configuration.stallTimeout, loop: loop)
        heartbeat = Watchdog(loop: loop) { [weak self] in self?.beat() }
    }

    /// The connection's registration, by which a task finds it again; nil once it is closed.
    public var id: ChannelID? { stream.id }

    /// Whether more may be sent now without growing memory beyond the budget.
    public var canTakeMore: Bool { stream.pendingBytes < server.configuration.writeBudget }

    /// The session that uses this channel.
    public var session: (any WebSocketDelegate)? { delegate }

    func begin(_ delegate: any WebSocketDelegate, remainder: [UInt8]) {
        self.delegate = delegate
        // The session may have begun to close in its first moment; then that time counts.
        if connection.state == .open { heartbeat?.set(server.configuration.pingInterval) }
        connection.receive(remainder)
        readMessages()
        regulate()
    }

    /// Sends a text message.
    public func send(text: [UInt8]) {
        guard connection.state == .open else { return }
        send(frame: FrameEncoder.frame(.text, payload: text))
    }

    /// Sends a frame that was encoded once for many receivers, see `FrameEncoder.frame`.
    public func send(frame: [UInt8]) {
        guard connection.state == .open else { return }
        write(frame)
        regulate()
    }

    /// Begins the closing handshake.
    public func close(_ code: CloseCode, reason: String) {
        var output: [UInt8] = []
        // Only fails when the connection is closing already.
        guard (try? connection.close(code, reason: reason, into: &output)) != nil else { return }
        write(output)
        heartbeat?.set(server.configuration.closeTimeout)
        // The answer must be heard, however much waits for the peer.
        stream.setReading(true)
    }

    /// Takes bytes from the peer.
    public func streamReceived(_ bytes: UnsafeRawBufferPointer) {
        connection.receive(bytes)
        readMessages()
        regulate()
    }

    /// A peer that ends its side without a closing handshake is gone.
    public func streamReachedEnd() { stream.abort() }

    /// Passes the news on.
    public func streamDrained() {
        delegate?.webSocketDrained()
        regulate()
    }

    /// Lets go of everything.
    public func streamClosed(_ error: SystemError?) {
        guard !isClosed else { return }
        isClosed = true
        heartbeat?.stop()
        stall.stop()
        server.remove(self)
        delegate.take()?.webSocketClosed()
    }

    func drain() { delegate?.webSocketDraining() }

    private func readMessages() {
        var output: [UInt8] = []
        do throws(WebSocketError) {
            while !isClosed, let event = try connection.next(replyingInto: &output) {
                // Before the session hears of it: it may close, and nothing may follow a Close frame.
                write(output)
                output = []
                switch event {
                case .text(let text): delegate?.webSocketReceived(text: text)
                case .binary(let bytes): delegate?.webSocketReceived(binary: bytes)
                case .ping: break
                case .pong: pongReceived()
                case .closed: end()
                }
            }
        } catch {
            write(output)
            end()
        }
    }

    private func write(_ bytes: [UInt8]) {
        guard !isClosed, !bytes.isEmpty else { return }
        stream.write(bytes)
        stall.outputQueued()
    }

    /// A peer that sends commands or pings but takes no answers is not listened to until it does.
    private func regulate() {
        if connection.state == .open { stream.setReading(canTakeMore) }
    }

    /// Both sides have said goodbye, or one of them broke the rules.
    private func end() {
        heartbeat?.set(server.configuration.closeTimeout)
        stream.closeAfterFlush()
    }

    private func pongReceived() {
        guard connection.state == .open else { return }
        isAwaitingPong = false
        heartbeat?.set(server.configuration.pingInterval)
    }

    private func beat() {
        guard connection.state == .open else { return stream.abort() }
        // Behind output that waits neither the ping goes out nor the pong comes in; what counts then is whether the peer
        // takes anything at all, and that is the stall guard's matter.
        guard !isAwaitingPong || stream.pendingBytes > 0 else { return stream.abort() }
        if !isAwaitingPong {
            var output: [UInt8] = []
            guard (try? connection.sendPing(into: &output)) != nil else { return stream.abort() }
            write(output)
            isAwaitingPong = true
        }
        heartbeat?.set(server.configuration.pongTimeout)
    }
}
