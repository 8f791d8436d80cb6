public import Reactor
public import WebSocket

/// How a connection becomes a WebSocket.
public struct WebSocketUpgrade: Sendable {
    /// The extensions the client offers. The server agrees to what its configuration allows.
    public let offers: [ExtensionOffer]
    /// Makes the session that uses the channel. Called on the loop.
    public let accept: @Sendable (isolated Worker, WebSocketChannel) -> any WebSocketDelegate

    /// Creates the value; without offers nothing is compressed.
    public init(
        offers: [ExtensionOffer] = [],
        accept: @escaping @Sendable (isolated Worker, WebSocketChannel) -> any WebSocketDelegate
    ) {
        self.offers = offers
        self.accept = accept
    }
}

/// Who uses a ``WebSocketChannel``.
public protocol WebSocketDelegate: AnyObject {
    /// A whole text message, valid UTF-8. Lent for the time of the call: most never leave the buffer they were read into.
    func webSocketReceived(text: Span<UInt8>)
    /// A whole binary message, lent as well.
    func webSocketReceived(binary: Span<UInt8>)
    /// What was sent has drained after ``WebSocketChannel/canTakeMore`` was false.
    func webSocketDrained()
    /// The server goes down; the session should say goodbye and close.
    func webSocketDraining()
    /// The connection is over; the last call.
    func webSocketClosed()
}

/// One WebSocket connection on its loop: messages in and out, heartbeat, closing handshake, and the end of a peer that
/// takes nothing.
///
/// There may be very many of them that do nothing: a channel owns no buffer, no timer and no closure.
public final class WebSocketChannel: StreamDelegate {
    let stream: SocketStream
    private let server: ServerState
    /// Nil when messages go uncompressed.
    let deflate: PerMessageDeflate?
    var connection: WebSocketConnection
    private(set) var delegate: (any WebSocketDelegate)?
    private var isAwaitingPong = false
    /// The frames of the present second are those from this one on; see ``FrameRate``.
    private var rate = FrameRate()
    private(set) var isClosed = false
    /// What waits for this connection's next turn; nothing is read meanwhile.
    var backlog: Backlog?
    /// Whether nothing is read because others are behind with what this peer has sent.
    var isHeld = false {
        didSet { regulate() }
    }
    /// Where this channel stands in the list of its topic, see ``LocalTopic``.
    var topicIndex = -1
    var topic: LocalTopic?

    init(stream: SocketStream, server: ServerState, deflate: PerMessageDeflate?) {
        self.stream = stream
        self.server = server
        self.deflate = deflate
        connection = WebSocketConnection(limits: server.configuration.webSocket, messageExtension: deflate)
    }

    /// The connection's registration, by which a task finds it again; nil once it is closed.
    public var id: ChannelID? { stream.id }

    /// Whether more may be sent now without growing memory beyond the budget.
    public var canTakeMore: Bool { !stream.isCongested }

    /// The session that uses this channel.
    public var session: (any WebSocketDelegate)? { delegate }

    func begin(_ delegate: any WebSocketDelegate, remainder: [UInt8]) {
        self.delegate = delegate
        // The session may have begun to close in its first moment; then that time counts.
        if connection.state == .open { stream.setDeadline(after: server.configuration.pingInterval) }
        var remainder = remainder
        remainder.withUnsafeMutableBytes { streamReceived($0) }
    }

    /// Sends a text message.
    public func send(text: [UInt8]) { send(.text, text) }

    /// Sends a binary message.
    public func send(binary: [UInt8]) { send(.binary, binary) }

    /// Sends a copy of a text message.
    public func send(text: Span<UInt8>) { send(.text, text) }

    /// Sends a copy of a binary message.
    public func send(binary: Span<UInt8>) { send(.binary, binary) }

    /// Sends a message that goes to many: its frame is made once for all that agreed on the same compression.
    public func send(_ message: OutgoingMessage) {
        guard connection.state == .open else { return }
        stream.write(message.frame(for: deflate))
        deflate?.noteSharedFrameSent()
        pauseIfCongested()
    }

    /// Begins the closing handshake.
    public func close(_ code: CloseCode, reason: String) {
        var output: [UInt8] = []
        // Only fails when the connection is closing already.
        guard (try? connection.close(code, reason: reason, into: &output)) != nil else { return }
        stream.write(output)
        stream.setDeadline(after: server.configuration.closeTimeout)
        regulate()
    }

    /// A peer that ends its side without a closing handshake is gone.
    public func streamReachedEnd() { stream.abort() }

    /// Passes the news on.
    public func streamDrained() {
        delegate?.webSocketDrained()
        regulate()
    }

    /// Sends a ping, or ends a connection whose peer did not answer one, or not say goodbye, in time.
    public func streamDeadlinePassed() {
        guard connection.state == .open else { return stream.abort() }
        // Behind output that waits neither the ping goes out nor the pong comes in; what counts then is whether the peer
        // takes anything at all, and that is the stream's matter.
        let isNotReadFrom = isHeld || backlog != nil
        guard !isAwaitingPong || isNotReadFrom || stream.pendingBytes > 0 || stream.isBeingTaken() else {
            return stream.abort()
        }
        if !isAwaitingPong {
            var output: [UInt8] = []
            guard (try? connection.sendPing(into: &output)) != nil else { return stream.abort() }
            stream.write(output)
            _ = stream.isBeingTaken()
            isAwaitingPong = true
        }
        stream.setDeadline(after: server.configuration.pongTimeout)
    }

    /// Lets go of everything.
    public func streamClosed(_ error: SystemError?) {
        guard !isClosed else { return }
        isClosed = true
        backlog = nil
        topic?.leave(self)
        server.remove(self)
        delegate.take()?.webSocketClosed()
    }

    func drain() { delegate?.webSocketDraining() }

    /// Sends the frames that a topic gathered during a turn. A peer whose queue is over the budget is not waited for: its
    /// backlog would grow without bound, or hold up everybody else.
    func join(_ batch: SendBatch) {
        guard connection.state == .open else { return }
        guard canTakeMore else {
            let limit = server.configuration.writeBudget
            return close(.tryAgainLater, reason: "Over the limit write_budget of \(limit).")
        }
        deflate?.noteSharedFrameSent()
        batch.add(stream)
    }

    private func send(_ opcode: Opcode, _ payload: [UInt8]) {
        guard connection.state == .open else { return }
        if !payload.withUnsafeBytes({ sendCompressed(opcode, $0) }) {
            FrameHead(opcode, length: payload.count).withUnsafeBytes { stream.write($0, payload) }
        }
        pauseIfCongested()
    }

    private func send(_ opcode: Opcode, _ payload: Span<UInt8>) {
        guard connection.state == .open else { return }
        payload.withUnsafeBytes { payload in
            if sendCompressed(opcode, payload) { return }
            FrameHead(opcode, length: payload.count).withUnsafeBytes { stream.write($0, payload) }
        }
        pauseIfCongested()
    }

    private func sendCompressed(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard let deflate, let compressed = deflate.encode(payload) else { return false }
        let head = FrameHead(opcode, length: compressed.count, reservedBits: .rsv1)
        head.withUnsafeBytes { stream.write($0, compressed) }
        return true
    }

    private func pauseIfCongested() {
        if stream.isCongested { regulate() }
    }

    func keepPace() {
        let limit = server.configuration.maximumFramesPerSecond
        guard limit > 0, !rate.admits(connection.frameCount, at: stream.loop.now, limit: limit) else { return }
        close(.policyViolation, reason: "Over the limit max_frames_per_second of \(limit).")
    }

    /// A peer that sends commands or pings but takes no answers is not listened to until it does. Its answer to our Close
    /// must be heard, however much waits for it.
    func regulate() {
        stream.setReading(backlog == nil && (canTakeMore && !isHeld || connection.state != .open))
    }

    /// Both sides have said goodbye, or one of them broke the rules.
    func end() {
        stream.setDeadline(after: server.configuration.closeTimeout)
        stream.closeAfterFlush()
    }

    func pongReceived() {
        guard connection.state == .open else { return }
        isAwaitingPong = false
        stream.setDeadline(after: server.configuration.pingInterval)
    }
}
