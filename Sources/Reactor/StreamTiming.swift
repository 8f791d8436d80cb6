import Glibc

/// The deadlines of one stream, in the loop's nanoseconds; 0 means none.
struct StreamTiming {
    enum Due {
        /// What the delegate asked for.
        case delegate
        /// The peer's time to take something of what waits for it.
        case stall
        /// The peer's time to end its side after we have ended ours.
        case linger
    }

    var delegate: UInt64 = 0
    var stall: UInt64 = 0
    var linger: UInt64 = 0
    /// The wake-up that is on its way. A deadline that moves further away leaves it where it is.
    private var armed: UInt64 = 0

    private var nearest: UInt64? {
        // 0 wraps to the latest time of all.
        let first = min(delegate &- 1, stall &- 1, linger &- 1)
        return first == .max ? nil : first + 1
    }

    /// The time to be woken at, when no wake-up on its way comes early enough.
    mutating func arm() -> UInt64? {
        guard let nearest, armed == 0 || nearest < armed else { return nil }
        armed = nearest
        return nearest
    }

    /// Takes the deadlines that have passed.
    mutating func takeDue(at now: UInt64) -> [Due] {
        if armed <= now { armed = 0 }
        var due: [Due] = []
        if delegate > 0, delegate <= now {
            delegate = 0
            due.append(.delegate)
        }
        if stall > 0, stall <= now {
            stall = 0
            due.append(.stall)
        }
        if linger > 0, linger <= now {
            linger = 0
            due.append(.linger)
        }
        return due
    }
}

extension SocketStream {
    /// Has the delegate told once `delay` has passed, instead of any time set before.
    public func setDeadline(after delay: Duration) {
        timing.delegate = loop.now + max(1, delay.boundedNanoseconds)
        armTimer()
    }

    /// Takes the delegate's deadline away.
    public func clearDeadline() { timing.delegate = 0 }

    /// Bytes the peer's machine has taken since the beginning: whether a slow peer takes anything at all. The kernel's
    /// own buffer may hold megabytes, and reports room only after a good part of them has gone. One system call.
    var acknowledgedBytes: UInt64 {
        let sent = cipher?.sentBytes ?? sentBytes
        return sent - min(sent, heldBytes)
    }

    /// Bytes the kernel holds that the peer's machine has not taken yet.
    private var heldBytes: UInt64 {
        var held: Int32 = 0
        guard phase != .closed, ioctl(descriptor, UInt(TIOCOUTQ), &held) == 0 else { return 0 }
        return UInt64(max(0, held))
    }

    /// Whether the peer has taken something since this was last asked and has more to take: it is slow, and what we sent
    /// last has not reached it yet.
    public func isBeingTaken() -> Bool {
        let taken = acknowledgedBytes
        defer { takenWhenAsked = taken }
        return taken != takenWhenAsked && heldBytes > 0
    }

    /// Output waits: from now on the peer has to take something within each period.
    func stallBegins() {
        guard timing.stall == 0, stallTimeout > .zero else { return }
        takenBefore = acknowledgedBytes
        timing.stall = loop.now + stallTimeout.boundedNanoseconds
        armTimer()
    }

    /// Cuts a peer that takes nothing of what waits for it. One that takes something, however little, has its time anew.
    func stallChecked() {
        guard pendingBytes > 0 else { return }
        guard acknowledgedBytes != takenBefore else { return abort(SystemError("send", code: ETIMEDOUT)) }
        stallBegins()
    }
}
