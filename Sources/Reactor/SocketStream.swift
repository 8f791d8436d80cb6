import CLinux
import Glibc

/// Who uses a ``SocketStream``.
public protocol StreamDelegate: AnyObject {
    /// Bytes arrived. The buffer belongs to the loop and is valid during the call only; the bytes may be changed in place.
    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer)
    /// The peer will send no more; it may still read.
    func streamReachedEnd()
    /// Output that had crossed ``SocketStream/highWater`` has drained below it.
    func streamDrained()
    /// The deadline given to ``SocketStream/setDeadline(after:)`` has passed.
    func streamDeadlinePassed()
    /// The stream is closed and its descriptor given back; the last call.
    func streamClosed(_ error: SystemError?)
}

extension StreamDelegate {
    /// No deadline is set by default.
    public func streamDeadlinePassed() {}
}

/// A connected stream socket on a loop: bytes in through its delegate, bytes out through one queue.
///
/// What a delegate writes while it is handed bytes is gathered in the loop's own buffer and sent with one system call
/// before the next stream gets its turn (*corking*); what is written at other times goes out once at the end of the turn.
/// `EPOLLOUT` is armed only while the kernel's buffer is full. The queue holds references to immutable arrays, so bytes
/// sent to many streams exist once. An idle stream owns no buffer and no timer of its own.
public final class SocketStream: ChannelHandler, Resumable {
    enum Phase {
        case open
        /// Sends what is queued; input is read and dropped.
        case closingAfterFlush
        /// All is sent and our side is shut down; waits for the peer's end.
        case lingering
        case closed
    }

    /// The loop it lives on.
    public let loop: EventLoop
    let descriptor: Int32
    let cipher: (any StreamCipher)?
    /// Who gets the bytes. Held until the stream closes, so a connection lives exactly as long as its socket; can be handed
    /// over when the protocol changes.
    public var delegate: (any StreamDelegate)?
    private var channel: ChannelID?
    var phase = Phase.open
    var queue = WriteQueue()
    /// Whether the loop's cork is lent to this stream.
    var isCorked = false
    var isFlushScheduled = false
    var isWriteArmed = false
    private var isReading = true
    /// Whether a cipher may hold back decrypted bytes, of which the kernel knows nothing.
    private var isReadOwed = false
    /// Whether the handshake waits for its turn.
    private var isHandshakePutOff = false
    private var hasHandshakeBegun = false
    private var hasPeerEnded = false
    var wasAboveHighWater = false
    /// Whether the cipher cannot read before the descriptor is writable.
    private var isReadBlockedOnWrite = false
    /// Whether the cipher cannot write before it has read: the handshake is under way.
    private var isWriteBlockedOnRead = false
    var timing = StreamTiming()
    /// Bytes the kernel has taken since the beginning.
    var sentBytes: UInt64 = 0
    /// What the peer had taken when its present time to take something began.
    var takenBefore: UInt64 = 0
    /// What the peer had taken when ``isBeingTaken()`` was last asked.
    var takenWhenAsked: UInt64 = 0
    /// Bytes in the queue from which on the delegate is told when they have drained.
    public var highWater = 256 * 1024
    /// How long the peer may take nothing of what waits for it; zero means for ever.
    public var stallTimeout = Duration.zero

    /// How long the peer may take to end its side after we have ended ours, in nanoseconds.
    private static let lingerTime: UInt64 = 2_000_000_000
    /// Reads of one wake-up through a cipher, which gives one record at a time. Without one there is a single read, of a
    /// large buffer: what is left is there in the next turn, after everybody else had theirs.
    private static let recordsPerTurn = 8

    /// Takes over a connected, non-blocking descriptor. The loop retains the stream until it closes.
    ///
    /// - Parameter cipher: What encrypts the stream; nil sends and receives plain bytes.
    public init(
        descriptor: Int32,
        on loop: EventLoop,
        delegate: any StreamDelegate,
        cipher: (any StreamCipher)? = nil
    ) throws(SystemError) {
        self.loop = loop
        self.descriptor = descriptor
        self.delegate = delegate
        self.cipher = cipher
        do {
            channel = try loop.register(descriptor, .read, handler: self)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The stream's registration, stable until it closes.
    public var id: ChannelID? { channel }

    /// Bytes accepted by ``write(_:)`` that the kernel has not taken yet.
    public var pendingBytes: Int { queue.byteCount + (isCorked ? loop.cork.count : 0) }

    /// Whether the output has reached ``highWater`` and not yet drained to half of it: sources should pause until
    /// ``StreamDelegate/streamDrained()``.
    public var isCongested: Bool { wasAboveHighWater }

    /// Whether the stream still takes bytes.
    public var isOpen: Bool { phase == .open }

    /// Stops or resumes reading; what the peer sends meanwhile waits in the kernel. A closing stream decides itself.
    public func setReading(_ wanted: Bool) {
        guard phase == .open, isReading != wanted, !hasPeerEnded else { return }
        isReading = wanted
        rearm()
        // What a cipher has decrypted already does not make the descriptor readable again.
        if wanted { readLater() }
    }

    /// Closes once everything queued has gone out.
    ///
    /// Reads on and drops what comes, also when reading was paused: a peer that is still sending takes our last bytes only
    /// after its own, and closing with unread input would reset the connection and could destroy them on their way
    /// (RFC 9112, section 9.6).
    public func closeAfterFlush() {
        guard phase == .open else { return }
        phase = .closingAfterFlush
        if !hasPeerEnded, !isReading {
            isReading = true
            rearm()
        }
        if pendingBytes == 0 { shutDownWriting() }
    }

    /// Closes at once; queued bytes are lost.
    public func abort(_ error: SystemError? = nil) {
        guard phase != .closed else { return }
        phase = .closed
        if let channel = channel.take() { loop.deregister(channel, isClosing: true) }
        close(descriptor)
        loop.noteReleased(queue.byteCount)
        queue.removeAll()
        let delegate = self.delegate
        self.delegate = nil
        delegate?.streamClosed(error)
    }

    /// Reads and writes as the kernel allows.
    public func channelReady(_ readiness: Readiness) {
        if readiness.contains(.writable) {
            sendQueued()
            if isReadBlockedOnWrite, phase != .closed { read() }
        }
        if readiness.contains(.readable), isReading, phase != .closed { read() }
        if readiness.contains(.failed), phase != .closed, !isReading || !readiness.contains(.readable) {
            abort(socketError())
        }
    }

    /// Sends what is queued, and reads what a cipher may hold back. Called at the end of a turn only: reading in the middle
    /// of a delivery would overwrite the bytes that are being delivered.
    public func flush() {
        sendQueued()
        guard isReadOwed, isReading, phase != .closed else { return }
        isReadOwed = false
        read()
    }

    func sendQueued() {
        isFlushScheduled = false
        guard phase != .closed else { return }
        let before = queue.byteCount
        let outcome = cipher.map { queue.send(through: $0) } ?? queue.send(to: descriptor)
        sentBytes &+= UInt64(before - queue.byteCount)
        switch outcome {
        case .drained: drained()
        case .blocked: blocked()
        case .blockedOnRead:
            isWriteBlockedOnRead = true
            stallBegins()
            disarmWrite()
        case .failed(let error): return abort(error)
        }
        drainedBelowHighWater()
    }

    /// Tells the delegate that there is room again.
    func drainedBelowHighWater() {
        guard wasAboveHighWater, queue.cost <= highWater / 2 else { return }
        wasAboveHighWater = false
        delegate?.streamDrained()
    }

    /// Gives the descriptor back with the loop.
    public func channelTornDown() { abort() }

    /// The deadlines that have passed.
    public func channelDue() {
        for due in timing.takeDue(at: loop.now) {
            switch due {
            case .delegate: delegate?.streamDeadlinePassed()
            case .stall: stallChecked()
            case .linger: abort()
            }
            guard phase != .closed else { return }
        }
        armTimer()
    }

    /// Has the loop wake this stream for the nearest of its deadlines.
    func armTimer() {
        guard let channel, let deadline = timing.arm() else { return }
        loop.wake(channel, at: deadline)
    }

    /// The kernel takes no more for now.
    func blocked() {
        stallBegins()
        guard !isWriteArmed else { return }
        isWriteArmed = true
        rearm()
    }

    private func drained() {
        timing.stall = 0
        disarmWrite()
        if phase == .closingAfterFlush { shutDownWriting() }
    }

    /// An empty or waiting queue must not be told again and again that there is room.
    private func disarmWrite() {
        guard isWriteArmed, !isReadBlockedOnWrite else { return }
        isWriteArmed = false
        rearm()
    }

    /// Goes on with what was put off: a handshake, or records that are there.
    public func resume() {
        if isHandshakePutOff {
            isHandshakePutOff = false
            rearm()
        }
        isReadOwed = false
        if isReading, phase != .closed { read() }
    }

    private func read() {
        guard !isHandshakePutOff else { return }
        // By far the most expensive thing a peer can ask for with a few bytes. Its end is cheap.
        if cipher != nil, !hasHandshakeBegun {
            if loop.isShareSpent {
                isHandshakePutOff = true
                rearm()
                return loop.resumeLater(self, asStranger: true)
            }
            hasHandshakeBegun = true
        }
        readAvailable()
        guard isWriteBlockedOnRead, phase != .closed else { return }
        isWriteBlockedOnRead = false
        sendQueued()
    }

    private func readAvailable() {
        guard let cipher else { return readPlain() }
        isReadBlockedOnWrite = false
        for _ in 0..<Self.recordsPerTurn {
            switch cipher.read(into: loop.readBuffer) {
            case .moved(let count):
                if phase == .open { deliver(count) }
                guard isReading, phase != .closed else { return }
            case .ended: return reachedEnd()
            case .wantsRead: return
            case .wantsWrite:
                isReadBlockedOnWrite = true
                guard !isWriteArmed else { return }
                isWriteArmed = true
                return rearm()
            case .failed(let error): return abort(error)
            }
        }
        readLater()
    }

    /// Reads on at the end of the turn, or in a later one, where the kernel would not say that there is more.
    private func readLater() {
        guard cipher != nil else { return }
        isReadOwed = true
        if loop.isShareSpent { loop.resumeLater(self) } else { loop.flushLater(self) }
    }

    private func readPlain() {
        let count = clinux_receive(descriptor, loop.readBuffer.baseAddress, loop.readBuffer.count)
        if count > 0 {
            if phase == .open { deliver(count) }
        } else if count == 0 {
            reachedEnd()
        } else if count != -Int(EAGAIN), count != -Int(EINTR) {
            abort(SystemError("recv", code: Int32(-count)))
        }
    }

    private func deliver(_ count: Int) {
        gather { delegate?.streamReceived(UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer[..<count])) }
    }

    private func reachedEnd() {
        hasPeerEnded = true
        guard phase != .lingering else { return abort() }
        if phase == .open { delegate?.streamReachedEnd() }
        guard phase != .closed else { return }
        isReading = false
        rearm()
    }

    /// Ends our side; the peer's end, or the end of patience with it, closes the descriptor.
    private func shutDownWriting() {
        cipher?.shutDown()
        guard !hasPeerEnded else { return abort() }
        phase = .lingering
        shutdown(descriptor, Int32(SHUT_WR))
        timing.linger = loop.now + Self.lingerTime
        armTimer()
    }

    private func rearm() {
        guard let channel else { return }
        var interest: Interest = []
        if isReading, !isHandshakePutOff { interest.insert(.read) }
        if isWriteArmed { interest.insert(.write) }
        loop.modify(channel, interest)
    }

    private func socketError() -> SystemError {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return SystemError("socket", code: code == 0 ? ECONNRESET : code)
    }
}
