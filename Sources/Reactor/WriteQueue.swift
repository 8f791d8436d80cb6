import Glibc

/// Bytes on their way to one descriptor, as references to shared immutable arrays.
struct WriteQueue {
    enum Outcome {
        case drained
        case blocked
        case failed(SystemError)
    }

    private var chunks: [[UInt8]] = []
    /// The first chunk that is not sent entirely, and how much of it is.
    private var head = 0
    private var headOffset = 0
    private(set) var byteCount = 0
    /// Bytes the kernel took in all.
    private(set) var sentBytes: UInt64 = 0

    /// Chunks gathered into one system call.
    private static let gather = 64
    /// Bytes sent in one turn at most, so that one large response does not starve the others.
    private static let bytesPerTurn = 1 << 20

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ bytes: [UInt8]) {
        chunks.append(bytes)
        byteCount += bytes.count
    }

    mutating func removeAll() { self = WriteQueue() }

    /// Sends until the queue is empty, the kernel's buffer is full or the turn's share is used up (both *blocked*: there
    /// is more to send when the descriptor is writable).
    mutating func send(to descriptor: Int32) -> Outcome {
        var budget = Self.bytesPerTurn
        while byteCount > 0 {
            guard budget > 0 else { return .blocked }
            let sent = gathered { vectors in
                var message = msghdr()
                message.msg_iov = vectors.baseAddress
                message.msg_iovlen = vectors.count
                return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN: return .blocked
                default: return .failed(SystemError("sendmsg"))
                }
            }
            consume(sent)
            budget -= sent
        }
        return .drained
    }

    private func gathered(_ body: (UnsafeMutableBufferPointer<iovec>) -> Int) -> Int {
        let count = min(Self.gather, chunks.count - head)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { vectors in
            // The arrays are retained by `chunks` for the whole call, and array storage does not move.
            for index in 0..<count {
                let skip = index == 0 ? headOffset : 0
                chunks[head + index].withUnsafeBytes { bytes in
                    vectors.initializeElement(
                        at: index,
                        to: iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress?.advanced(by: skip)),
                            iov_len: bytes.count - skip
                        )
                    )
                }
            }
            return body(vectors)
        }
    }

    private mutating func consume(_ sent: Int) {
        byteCount -= sent
        sentBytes &+= UInt64(sent)
        var rest = sent + headOffset
        while head < chunks.count, rest >= chunks[head].count {
            rest -= chunks[head].count
            chunks[head] = []
            head += 1
        }
        headOffset = rest
        if head == chunks.count {
            chunks.removeAll(keepingCapacity: chunks.count <= 64)
            head = 0
            headOffset = 0
        } else if head > 64, head * 2 > chunks.count {
            chunks.removeFirst(head)
            head = 0
        }
    }
}
