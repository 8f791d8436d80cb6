import CLinux
import Glibc

/// What a descriptor wants to hear about.
public struct Interest: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from raw bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Bytes (or connections) can be read.
    public static let read = Interest(rawValue: 1)
    /// The kernel takes bytes again.
    public static let write = Interest(rawValue: 2)
    /// Only one of the loops that share the descriptor is woken. Fixed at registration.
    public static let exclusive = Interest(rawValue: 4)

    var events: UInt32 {
        var events: UInt32 = 0
        if contains(.read) { events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
        if contains(.write) { events |= EPOLLOUT.rawValue }
        if contains(.exclusive) { events = EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue }
        return events
    }
}

/// What the kernel reports for a descriptor.
public struct Readiness: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from raw bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Reading will not block; it may find the end of the stream.
    public static let readable = Readiness(rawValue: 1)
    /// Writing will not block.
    public static let writable = Readiness(rawValue: 2)
    /// The descriptor failed or both ends are closed.
    public static let failed = Readiness(rawValue: 4)

    init(events: UInt32) {
        var set: Readiness = []
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { set.insert(.readable) }
        if events & EPOLLOUT.rawValue != 0 { set.insert(.writable) }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { set.insert(.failed) }
        self = set
    }
}

/// A registration on one loop: the descriptor and a generation, so that a stale event or a late message never reaches a
/// descriptor's next owner.
public struct ChannelID: Hashable, Sendable {
    let descriptor: Int32
    let generation: UInt32

    var packed: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }
}

/// Something that collects output during a turn.
public protocol FlushTarget: AnyObject {
    /// The turn ends: send what was queued, see ``EventLoop/flushLater(_:)``.
    func flush()
}

/// Something that owns a descriptor on a loop.
public protocol ChannelHandler: FlushTarget {
    /// The kernel has news. Called on the loop; the handler may close itself or others.
    func channelReady(_ readiness: Readiness)
    /// A time given to ``EventLoop/wake(_:at:)`` has come.
    func channelDue()
    /// The loop ends: give back the descriptor.
    func channelTornDown()
}

extension ChannelHandler {
    /// Nothing is ever queued by default.
    public func flush() {}
    /// No time is ever given by default.
    public func channelDue() {}
}

/// Descriptors, timers and queued output of one thread.
///
/// Not `Sendable`: it never leaves its ``Worker``. Events are level-triggered. Output is flushed once at the end of a turn
/// (the *beforesleep* idea), which joins all replies of a batch into one system call each.
public final class EventLoop {
    private struct Slot {
        var handler: (any ChannelHandler)?
        var generation: UInt32 = 0
    }

    private let epoll: Int32
    private let queue: JobQueue
    private var slots: [Slot] = []
    private var registeredCount = 0
    private var dirty: [any FlushTarget] = []
    /// The storage of the batch that is flushed, lent back and forth so that no turn allocates one.
    private var flushing: [any FlushTarget] = []
    private var releasedBytes = 0
    private var isTrimScheduled = false
    private var timers = TimerQueue()
    private var wakeUps = DeadlineHeap<ChannelID>()
    private var isTornDown = false
    private let events: UnsafeMutableBufferPointer<epoll_event>
    /// Lent to whoever reads from a descriptor, for the time of one call.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Lent to the stream whose input is being handled: what it answers is gathered here and sent at once.
    let cork = Cork(capacity: SocketStream.corkCapacity)
    /// Sends one thing to many; made with its ring when it is first used.
    public private(set) lazy var sendBatch = SendBatch(usesRing: usesRing)
    private let usesRing: Bool
    /// Monotonic time in nanoseconds, read once for each turn.
    public private(set) var now: UInt64

    private static let wakeMark = UInt64.max
    /// Bytes one system call reads at most.
    private static let readSize = 128 * 1024
    /// Bytes given up by peers after which the allocator is asked to give them back to the system.
    private static let trimSize = 8 << 20
    /// Rounds of output in one turn. A source that refills what drains at once must not keep the loop from its input.
    private static let flushRounds = 4

    init(queue: JobQueue, usesRing: Bool) throws(SystemError) {
        self.queue = queue
        self.usesRing = usesRing
        let epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw SystemError("epoll_create1") }
        guard clinux_epoll_add(epoll, queue.wakeDescriptor, EPOLLIN.rawValue, Self.wakeMark) == 0 else {
            let error = SystemError("epoll_ctl")
            close(epoll)
            throw error
        }
        self.epoll = epoll
        events = .allocate(capacity: 256)
        readBuffer = .allocate(byteCount: Self.readSize, alignment: 64)
        now = Self.monotonicNow()
    }

    deinit {
        close(epoll)
        events.deallocate()
        readBuffer.deallocate()
    }

    /// Starts to watch `descriptor`. The handler is retained until ``deregister(_:)``.
    ///
    /// - Throws: ``SystemError``; `ECANCELED` once the loop has ended. The descriptor stays the caller's then.
    public func register(
        _ descriptor: Int32,
        _ interest: Interest,
        handler: any ChannelHandler
    ) throws(SystemError) -> ChannelID {
        guard !isTornDown else { throw SystemError("epoll_ctl", code: ECANCELED) }
        guard descriptor >= 0 else { throw SystemError("epoll_ctl", code: EBADF) }
        let index = Int(descriptor)
        while slots.count <= index { slots.append(Slot()) }
        let id = ChannelID(descriptor: descriptor, generation: slots[index].generation &+ 1)
        guard clinux_epoll_add(epoll, descriptor, interest.events, id.packed) == 0 else {
            throw SystemError("epoll_ctl")
        }
        slots[index] = Slot(handler: handler, generation: id.generation)
        registeredCount += 1
        return id
    }

    /// Changes what is watched; does nothing when the registration has ended.
    public func modify(_ id: ChannelID, _ interest: Interest) {
        guard handler(for: id) != nil else { return }
        _ = clinux_epoll_modify(epoll, id.descriptor, interest.events, id.packed)
    }

    /// Much that waited for peers is gone. The allocator keeps such memory for the next time, which may never come.
    func noteReleased(_ bytes: Int) {
        releasedBytes += bytes
        guard releasedBytes >= Self.trimSize, !isTrimScheduled else { return }
        isTrimScheduled = true
        schedule(after: .seconds(1)) { [weak self] in
            self?.isTrimScheduled = false
            self?.releasedBytes = 0
            clinux_release_memory()
        }
    }

    /// Stops watching. The descriptor stays open: its owner closes it.
    ///
    /// - Parameter isClosing: The owner closes it right away, which takes it out of the kernel's set as well: one system
    ///   call less for each connection. Only for a descriptor that was never duplicated.
    public func deregister(_ id: ChannelID, isClosing: Bool = false) {
        guard handler(for: id) != nil else { return }
        if !isClosing { _ = clinux_epoll_remove(epoll, id.descriptor) }
        registeredCount -= 1
        // The handler is let go after the access to `slots`: its deinit may come back here.
        _ = slots[Int(id.descriptor)].handler.take()
    }

    /// The handler behind a registration, nil once it has ended.
    public func handler(for id: ChannelID) -> (any ChannelHandler)? {
        let index = Int(id.descriptor)
        guard index < slots.count, slots[index].generation == id.generation else { return nil }
        return slots[index].handler
    }

    /// Has ``FlushTarget/flush()`` called once before the loop blocks.
    public func flushLater(_ target: any FlushTarget) { dirty.append(target) }

    /// Has ``ChannelHandler/channelDue()`` called at `deadline` (in the time of ``now``) or a little later.
    ///
    /// Nothing takes a wake-up back: the handler looks at its own deadlines when it is called, and a registration that
    /// has ended is passed over. So a deadline that moves with every message costs 24 bytes and no work. O(log n).
    public func wake(_ id: ChannelID, at deadline: UInt64) {
        guard !isTornDown else { return }
        wakeUps.add(id, at: deadline)
        // Those of closed channels are swept once they are the majority.
        if wakeUps.count > 1024, wakeUps.count > 4 * registeredCount { wakeUps.filter { handler(for: $0) != nil } }
    }

    /// Runs `body` once, `delay` from now or a little later. O(log n). A loop that has ended drops it.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        guard !isTornDown else { return TimerID(number: 0) }
        return timers.add(deadline: Self.monotonicNow() + delay.boundedNanoseconds, body)
    }

    /// Keeps a timer from firing. O(1), amortised; does nothing when it has fired.
    public func cancel(_ timer: TimerID) { _ = timers.cancel(timer) }

    /// Timers in the heap, cancelled ones that were not swept yet included.
    var timerCount: Int { timers.count }

    /// Runs everything that is due, then waits for the kernel and hands out its events.
    func turn() {
        now = Self.monotonicNow()
        while let body = timers.nextDue(at: now) { body() }
        while let id = wakeUps.nextDue(at: now) { handler(for: id)?.channelDue() }
        flush()
        let count = clinux_epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout())
        now = Self.monotonicNow()
        guard count > 0 else { return }
        for event in events[0..<Int(count)] {
            let mark = event.data.u64
            if mark == Self.wakeMark {
                queue.acknowledgeWakeUp()
                continue
            }
            let id = ChannelID(
                descriptor: Int32(truncatingIfNeeded: mark),
                generation: UInt32(truncatingIfNeeded: mark >> 32)
            )
            handler(for: id)?.channelReady(Readiness(events: event.events))
        }
        flush()
    }

    /// Lets go of everything; from then on nothing is taken any more.
    func tearDown() {
        isTornDown = true
        for index in slots.indices { slots[index].handler.take()?.channelTornDown() }
        dirty = []
        _ = timers.removeAll()
        wakeUps.removeAll()
    }

    private func flush() {
        for _ in 0..<Self.flushRounds where !dirty.isEmpty {
            swap(&flushing, &dirty)
            for target in flushing { target.flush() }
            flushing.removeAll(keepingCapacity: true)
        }
    }

    private func timeout() -> Int32 {
        guard queue.isEmpty, dirty.isEmpty else { return 0 }
        let deadline = min(timers.nextDeadline ?? .max, wakeUps.nextDeadline ?? .max)
        guard deadline < .max else { return -1 }
        let current = Self.monotonicNow()
        guard deadline > current else { return 0 }
        // Rounded up: a wait that ends a fraction too early would turn the loop for nothing.
        return Int32(clamping: (deadline - current + 999_999) / 1_000_000)
    }

    private static func monotonicNow() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
