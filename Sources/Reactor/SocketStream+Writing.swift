import Glibc

extension SocketStream {
    /// Arrays of at least this many bytes are sent from where they are; smaller ones are cheaper to copy than to gather.
    private static let referencedSize = 8 * 1024
    /// Bytes in the cork beyond which they go out before more is gathered.
    private static let corkSize = 128 * 1024

    /// Queues bytes for the end of this turn; drops them when the stream is closing.
    public func write(_ bytes: [UInt8]) {
        guard phase == .open, !bytes.isEmpty else { return }
        if isCorked, bytes.count < Self.referencedSize {
            loop.cork.append(contentsOf: bytes)
        } else {
            enqueue(bytes)
        }
        outputGrew()
    }

    /// Queues `head`, which is copied, and `body` after it as one piece: a frame without a copy of a large payload.
    public func write(_ head: UnsafeRawBufferPointer, _ body: [UInt8]) {
        guard phase == .open else { return }
        if isCorked {
            loop.cork.append(contentsOf: head)
            if body.count < Self.referencedSize { loop.cork.append(contentsOf: body) } else { enqueue(body) }
        } else if body.count < Self.referencedSize {
            var joined: [UInt8] = []
            joined.reserveCapacity(head.count + body.count)
            joined.append(contentsOf: head)
            joined.append(contentsOf: body)
            enqueue(joined)
        } else {
            enqueue(Array(head))
            enqueue(body)
        }
        outputGrew()
    }

    /// Sends bytes at once when nothing waits before them, else queues them: for what was gathered during a turn and is
    /// sent to many at its end.
    public func writeNow(_ bytes: [UInt8]) {
        guard phase == .open, cipher == nil, !isCorked, queue.isEmpty else { return write(bytes) }
        guard let sent = sendDirectly(bytes) else { return }
        guard sent < bytes.count else { return }
        queue.append(bytes, sent: sent)
        blocked()
        outputGrew()
    }

    /// Sends what was gathered while the delegate handled its input.
    func uncork() {
        isCorked = false
        guard !loop.cork.isEmpty else { return }
        defer { loop.emptyCork() }
        guard phase != .closed else { return }
        if cipher == nil, phase == .open {
            guard let sent = sendDirectly(loop.cork) else { return }
            guard sent < loop.cork.count else { return drainedBelowHighWater() }
            queue.append(Array(loop.cork[sent...]))
            blocked()
        } else {
            queue.append(Array(loop.cork))
            flush()
        }
    }

    /// The bytes the kernel took; nil when the stream was aborted.
    private func sendDirectly(_ bytes: [UInt8]) -> Int? {
        let sent = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if sent >= 0 {
            sentBytes &+= UInt64(sent)
            return sent
        }
        guard errno == EAGAIN || errno == EINTR else {
            abort(SystemError("send"))
            return nil
        }
        return 0
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
        queue.append(Array(loop.cork))
        loop.emptyCork()
    }

    private func outputGrew() {
        if isCorked, loop.cork.count >= Self.corkSize {
            endCork()
            flush()
        }
        if pendingBytes >= highWater { wasAboveHighWater = true }
    }
}
