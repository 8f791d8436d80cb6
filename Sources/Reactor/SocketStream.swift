import Glibc

/// Who uses a ``SocketStream``.
public protocol StreamDelegate: AnyObject {
    /// Bytes arrived. The buffer belongs to the loop and is valid during the call only.
    func streamReceived(_ bytes: UnsafeRawBufferPointer)
    /// The peer will send no more; it may still read.
    func streamReachedEnd()
    /// Output that had crossed ``SocketStream/highWater`` has drained below it.
    func streamDrained()
    /// The stream is closed and its descriptor given back; the last call.
    func streamClosed(_ error: SystemError?)
}

/// A connected stream socket on a loop: bytes in through its delegate, bytes out through one queue.
///
/// Writes of a turn are joined into one `writev` at its end; `EPOLLOUT` is armed only while the kernel's buffer is full.
/// The queue holds references to immutable arrays, so bytes sent to many streams exist once.
public final class SocketStream: ChannelHandler {
    private enum Phase {
        case open
        /// Sends what is queued; input is read and dropped.
        case closingAfterFlush
        /// All is sent and our side is shut down; waits for the peer's end.
        case lingering
        case closed
    }

    private let loop: EventLoop
    private let descriptor: Int32
    /// Who gets the bytes. Held until the stream closes, so a connection lives exactly as long as its socket; can be handed
    /// over when the protocol changes.
    public var delegate: (any StreamDelegate)?
    private var channel: ChannelID?
    private var phase = Phase.open
    private var queue = WriteQueue()
    private var isFlushScheduled = false
    private var isWriteArmed = false
    private var isReading = true
    private var hasPeerEnded = false
    private var wasAboveHighWater = false
    private var lingerTimer: TimerID?
    /// Bytes in the queue from which on the delegate is told when they have drained.
    public var highWater = 256 * 1024

    /// How long the peer may take to end its side after we have ended ours.
    private static let lingerTime = Duration.seconds(2)
    /// Reads of one wake-up, so that one fast peer does not starve the others.
    private static let readsPerTurn = 4

    /// Takes over a connected, non-blocking descriptor. The loop retains the stream until it closes.
    public init(descriptor: Int32, on loop: EventLoop, delegate: any StreamDelegate) throws(SystemError) {
        self.loop = loop
        self.descriptor = descriptor
        self.delegate = delegate
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
    public var pendingBytes: Int { queue.byteCount }

    /// Bytes the kernel has taken since the beginning.
    var sentBytes: UInt64 { queue.sentBytes }

    /// Bytes the peer's machine has taken since the beginning: whether a slow peer takes anything at all. The kernel's
    /// own buffer may hold megabytes, and reports room only after a good part of them has gone. One system call.
    public var acknowledgedBytes: UInt64 {
        guard phase != .closed else { return 0 }
        var held: Int32 = 0
        guard ioctl(descriptor, UInt(TIOCOUTQ), &held) == 0 else { return sentBytes }
        return sentBytes - min(sentBytes, UInt64(max(0, held)))
    }

    /// Whether the stream still takes bytes.
    public var isOpen: Bool { phase == .open }

    /// Queues bytes for the end of this turn; drops them when the stream is closing.
    public func write(_ bytes: [UInt8]) {
        guard phase == .open, !bytes.isEmpty else { return }
        queue.append(bytes)
        if queue.byteCount >= highWater { wasAboveHighWater = true }
        guard !isFlushScheduled, !isWriteArmed else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }

    /// Stops or resumes reading; what the peer sends meanwhile waits in the kernel. A closing stream decides itself.
    public func setReading(_ wanted: Bool) {
        guard phase == .open, isReading != wanted else { return }
        isReading = wanted
        rearm()
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
        if queue.isEmpty { shutDownWriting() }
    }

    /// Closes at once; queued bytes are lost.
    public func abort(_ error: SystemError? = nil) {
        guard phase != .closed else { return }
        phase = .closed
        if let lingerTimer = lingerTimer.take() { loop.cancel(lingerTimer) }
        if let channel = channel.take() { loop.deregister(channel) }
        close(descriptor)
        queue.removeAll()
        let delegate = self.delegate
        self.delegate = nil
        delegate?.streamClosed(error)
    }

    /// Reads and writes as the kernel allows.
    public func channelReady(_ readiness: Readiness) {
        if readiness.contains(.writable) { channelFlush() }
        if readiness.contains(.readable), isReading, phase != .closed { read() }
        if readiness.contains(.failed), phase != .closed, !isReading || !readiness.contains(.readable) {
            abort(socketError())
        }
    }

    /// Sends what is queued.
    public func channelFlush() {
        isFlushScheduled = false
        guard phase != .closed else { return }
        switch queue.send(to: descriptor) {
        case .drained:
            if isWriteArmed {
                isWriteArmed = false
                rearm()
            }
            if phase == .closingAfterFlush { shutDownWriting() }
        case .blocked:
            if !isWriteArmed {
                isWriteArmed = true
                rearm()
            }
        case .failed(let error):
            return abort(error)
        }
        if wasAboveHighWater, queue.byteCount <= highWater / 2 {
            wasAboveHighWater = false
            delegate?.streamDrained()
        }
    }

    /// Gives the descriptor back with the loop.
    public func channelTornDown() { abort() }

    private func read() {
        for _ in 0..<Self.readsPerTurn {
            let count = recv(descriptor, loop.readBuffer.baseAddress, loop.readBuffer.count, 0)
            if count > 0 {
                if phase == .open {
                    delegate?.streamReceived(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
                }
                guard count == loop.readBuffer.count, isReading, phase != .closed else { return }
            } else if count == 0 {
                return reachedEnd()
            } else if errno == EINTR {
                continue
            } else if errno == EAGAIN {
                return
            } else {
                return abort(SystemError("recv"))
            }
        }
    }

    private func reachedEnd() {
        hasPeerEnded = true
        guard phase != .lingering else { return abort() }
        isReading = false
        rearm()
        if phase == .open { delegate?.streamReachedEnd() }
    }

    /// Ends our side; the peer's end, or the end of patience with it, closes the descriptor.
    private func shutDownWriting() {
        guard !hasPeerEnded else { return abort() }
        phase = .lingering
        shutdown(descriptor, Int32(SHUT_WR))
        lingerTimer = loop.schedule(after: Self.lingerTime) { [weak self] in self?.abort() }
    }

    private func rearm() {
        guard let channel else { return }
        var interest: Interest = []
        if isReading { interest.insert(.read) }
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
