import DequeModule

/// How much of one stream may be on its way to a client that says how far it is (`ack`).
///
/// Whatever waits between server and page delays everything behind it, prompts too. So the window is what the client
/// takes in a fraction of a second: it halves the guess at once when acknowledgements come late, and doubles it while they come
/// early and the window is what holds the stream back.
struct AckWindow {
    /// A place in what was sent: an event, or a part of a snapshot.
    struct Mark: Comparable {
        let seq: Int64
        /// The part of the snapshot at `seq`, from 0; nil for an event, and for a snapshot as a whole.
        let part: Int?

        static func < (left: Mark, right: Mark) -> Bool {
            (left.seq, left.part ?? .max) < (right.seq, right.part ?? .max)
        }
    }

    private struct Sent {
        let mark: Mark
        let bytes: Int
        /// What was on its way when it was sent, itself included.
        let inFlight: Int
        let time: UInt64
    }

    /// How long what was sent may wait on its way, in nanoseconds: by so much an acknowledgement may come later than the
    /// fastest one, which had nothing to wait for.
    private static let target: UInt64 = 200_000_000
    private static let minimumBytes = 1 << 10
    private static let maximumBytes = 1 << 20
    private static let firstBytes = 8 << 10

    private var sent: Deque<Sent> = []
    private var size = firstBytes
    private(set) var inFlight = 0
    /// The least time an acknowledgement took, in nanoseconds.
    private var fastest = UInt64.max

    /// Whether more may be sent. At least one message always may.
    var isOpen: Bool { inFlight < size }

    /// When the oldest of what is on its way was sent, in nanoseconds; nil when there is nothing.
    var waitingSince: UInt64? { sent.first?.time }

    /// Takes note of a message. Marks rise.
    mutating func send(_ mark: Mark, bytes: Int, now: UInt64) {
        inFlight += bytes
        sent.append(Sent(mark: mark, bytes: bytes, inFlight: inFlight, time: now))
    }

    /// The client has everything up to the mark.
    mutating func acknowledge(_ mark: Mark, now: UInt64) {
        var last: Sent?
        while let message = sent.first, message.mark <= mark {
            inFlight -= message.bytes
            last = sent.removeFirst()
        }
        guard let newest = last else { return }
        let delay = now - min(newest.time, now)
        fastest = min(fastest, delay)
        let allowed = fastest + Self.target
        if delay > allowed {
            let taken = UInt64(newest.inFlight) * allowed / delay
            size = max(Self.minimumBytes, min(size, Int(taken)))
        } else if newest.inFlight * 2 >= size {
            size = min(Self.maximumBytes, size * 2)
        }
    }

    /// What is on its way will not be acknowledged: the client begins anew.
    mutating func forget() {
        sent = []
        inFlight = 0
    }
}
