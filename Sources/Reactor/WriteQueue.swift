import CLinux
import Glibc

/// Bytes on their way to one descriptor, as references to shared immutable arrays.
///
/// One array waits without a list around it: that is all most streams ever have, and an empty queue owns no memory.
struct WriteQueue {
    enum Outcome {
        case drained
        case blocked
        /// The cipher waits for the peer, not for room.
        case blockedOnRead
        case failed(SystemError)
    }

    private var front: [UInt8] = []
    /// Bytes of ``front`` that are sent.
    private var frontOffset = 0
    private var rest: [[UInt8]] = []
    /// Arrays of ``rest`` that have become the front already.
    private var restOffset = 0
    private(set) var byteCount = 0

    /// Chunks gathered into one system call.
    private static let gather = 64
    /// Bytes sent in one turn at most, so that one large response does not starve the others.
    private static let bytesPerTurn = 256 << 10

    var isEmpty: Bool { byteCount == 0 }

    /// What the queue costs in memory, in bytes: an array of two bytes is far more than two bytes.
    var cost: Int { byteCount + (rest.count - restOffset) * Self.arrayOverhead }

    private static let arrayOverhead = 64

    /// - Parameter sent: Bytes at the beginning that the kernel has already.
    mutating func append(_ bytes: [UInt8], sent: Int = 0) {
        let count = bytes.count - sent
        guard count > 0 else { return }
        if byteCount == 0 {
            front = bytes
            frontOffset = sent
        } else {
            rest.append(sent == 0 ? bytes : Array(bytes[sent...]))
        }
        byteCount += count
    }

    mutating func removeAll() { self = WriteQueue() }

    /// Sends until the queue is empty, the kernel's buffer is full or the turn's share is used up (both *blocked*: there
    /// is more to send when the descriptor is writable).
    mutating func send(to descriptor: Int32) -> Outcome {
        drain { queue in
            let isSingle = queue.restOffset == queue.rest.count
            let sent = isSingle ? queue.sendFront(descriptor) : queue.sendGathered(descriptor)
            guard sent < 0 else { return .moved(sent) }
            return errno == EAGAIN ? .wantsWrite : errno == EINTR ? .moved(0) : .failed(SystemError("sendmsg"))
        }
    }

    /// The same through a cipher, which takes one array at a time.
    mutating func send(through cipher: any StreamCipher) -> Outcome {
        drain { queue in
            queue.front.withUnsafeBytes { cipher.write(UnsafeRawBufferPointer(rebasing: $0[queue.frontOffset...])) }
        }
    }

    private mutating func drain(_ send: (borrowing WriteQueue) -> CipherOutcome) -> Outcome {
        var budget = Self.bytesPerTurn
        while byteCount > 0 {
            guard budget > 0 else { return .blocked }
            switch send(self) {
            case .moved(let count):
                consume(count)
                budget -= count
            case .wantsWrite: return .blocked
            case .wantsRead: return .blockedOnRead
            case .ended: return .failed(SystemError("send", code: EPIPE))
            case .failed(let error): return .failed(error)
            }
        }
        return .drained
    }

    private func sendFront(_ descriptor: Int32) -> Int {
        front.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return Glibc.send(descriptor, base + frontOffset, bytes.count - frontOffset, Int32(MSG_NOSIGNAL))
        }
    }

    private func sendGathered(_ descriptor: Int32) -> Int {
        let count = min(Self.gather, 1 + rest.count - restOffset)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { vectors in
            // The arrays are retained by the queue for the whole call, and array storage does not move.
            for index in 0..<count {
                let chunk = index == 0 ? front : rest[restOffset + index - 1]
                let skip = index == 0 ? frontOffset : 0
                chunk.withUnsafeBytes { bytes in
                    vectors.initializeElement(
                        at: index,
                        to: iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress?.advanced(by: skip)),
                            iov_len: bytes.count - skip
                        )
                    )
                }
            }
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = count
            return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
    }

    private mutating func consume(_ sent: Int) {
        byteCount -= sent
        guard byteCount > 0 else { return removeAll() }
        frontOffset += sent
        while frontOffset >= front.count, restOffset < rest.count {
            frontOffset -= front.count
            front = rest[restOffset]
            rest[restOffset] = []
            restOffset += 1
        }
        // Spent entries are dropped once they are the majority, so that a long queue is not moved for each of them.
        if restOffset > 64, restOffset * 2 > rest.count {
            rest.removeFirst(restOffset)
            restOffset = 0
        }
    }
}
