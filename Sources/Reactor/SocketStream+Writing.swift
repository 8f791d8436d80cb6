import CLinux
import Glibc

extension SocketStream {
    /// Arrays of at least this many bytes are sent from where they are; smaller ones are cheaper to copy than to gather.
    private static let referencedSize = 64 * 1024
    /// Bytes in the cork from which on they go out before more is gathered.
    private static let corkSize = 128 * 1024
    private static let headSize = 64
    /// What one write may add to a cork that is not full yet, and a frame's head.
    static let corkCapacity = corkSize + referencedSize + headSize

    /// Queues bytes for the end of this turn; drops them when the stream is closing.
    public func write(_ bytes: [UInt8]) {
        guard phase == .open, !bytes.isEmpty else { return }
        if isCorked, bytes.count < Self.referencedSize {
            loop.cork.append(bytes)
        } else {
            enqueue(bytes)
        }
        outputGrew()
    }

    /// Queues `head`, which is copied, and `body` after it as one piece: a frame without a copy of a large payload.
    ///
    /// - Parameter head: At most 64 bytes.
    public func write(_ head: UnsafeRawBufferPointer, _ body: [UInt8]) {
        guard body.count >= Self.referencedSize else { return body.withUnsafeBytes { write(head, $0) } }
        guard phase == .open else { return }
        enqueue(Array(head))
        enqueue(body)
        outputGrew()
    }

    /// Queues copies of `head` and of `body` after it.
    ///
    /// - Parameter head: At most 64 bytes.
    public func write(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) {
        precondition(head.count <= Self.headSize, "a head that is no head")
        guard phase == .open else { return }
        if isCorked, body.count < Self.referencedSize {
            loop.cork.append(head)
            loop.cork.append(body)
        } else {
            var joined: [UInt8] = []
            joined.reserveCapacity(head.count + body.count)
            joined.append(contentsOf: head)
            joined.append(contentsOf: body)
            enqueue(joined)
        }
        outputGrew()
    }

    /// Sends bytes at once when nothing waits before them, else queues them: for what was gathered during a turn and is
    /// sent to many at its end.
    public func writeNow(_ bytes: [UInt8]) {
        guard mayBypassQueue else { return write(bytes) }
        sent(bytes.withUnsafeBytes { clinux_send(descriptor, $0.baseAddress, $0.count) }, of: bytes)
    }

    /// Whether bytes may go to the kernel at once.
    var mayBypassQueue: Bool { phase == .open && cipher == nil && !isCorked && queue.isEmpty }

    /// Notes what the kernel took of `bytes`, and keeps the rest.
    ///
    /// - Parameter result: a number of bytes, or the negative `errno`.
    func sent(_ result: Int, of bytes: [UInt8]) {
        guard phase == .open else { return }
        guard result >= 0 || result == -Int(EAGAIN) || result == -Int(EINTR) else {
            return abort(SystemError("send", code: Int32(-result)))
        }
        let count = max(0, result)
        sentBytes &+= UInt64(count)
        guard count < bytes.count else { return }
        queue.append(bytes, sent: count)
        blocked()
        outputGrew()
    }

    /// Has what `body` writes gathered, and sent with one system call when it is done.
    public func gather(_ body: () -> Void) {
        guard queue.isEmpty else { return body() }
        isCorked = true
        body()
        if isCorked {
            if !loop.cork.isEmpty { sendCork() }
            isCorked = false
            if phase != .closed { drainedBelowHighWater() }
        } else if !queue.isEmpty, !isWriteArmed {
            // More than the cork holds: sent now as well, while it is in the processor's cache.
            sendQueued()
        }
    }

    /// Sends what the cork holds. What the kernel does not take ends the corking, so that nothing overtakes it.
    private func sendCork() {
        defer { loop.cork.removeAll() }
        guard phase != .closed else { return }
        guard cipher == nil, phase == .open else {
            isCorked = false
            queue.append(loop.cork.copy())
            return sendQueued()
        }
        let result = loop.cork.send(to: descriptor)
        if result < loop.cork.count {
            isCorked = false
            sent(result, of: loop.cork.copy())
        } else {
            sentBytes &+= UInt64(result)
        }
    }

    private func enqueue(_ bytes: [UInt8]) {
        endCork()
        queue.append(bytes)
        guard !isFlushScheduled, !isWriteArmed else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }

    /// From now on this turn's output is queued, behind what the cork holds.
    private func endCork() {
        guard isCorked else { return }
        isCorked = false
        guard !loop.cork.isEmpty else { return }
        queue.append(loop.cork.copy())
        loop.cork.removeAll()
    }

    private func outputGrew() {
        if isCorked, loop.cork.count >= Self.corkSize { sendCork() }
        if queue.cost + (isCorked ? loop.cork.count : 0) >= highWater { wasAboveHighWater = true }
    }
}
