import CLinux
import Glibc

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
    private var thrift = MemoryThrift()
    private var timers = TimerQueue()
    private var wakeUps = DeadlineHeap<ChannelID>()
    private var waiting = ResumeQueue()
    private var strangers = ResumeQueue()
    /// Until when who is served may go on while others wait.
    private var shareEnd: UInt64 = 0
    private var isTornDown = false
    private let events: UnsafeMutableBufferPointer<epoll_event>
    /// Lent to whoever reads from a descriptor, for the time of one call.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Lent to the stream whose input is being handled: what it answers is gathered here and sent at once.
    let cork: Cork
    /// Sends one thing to many; made with its ring when it is first used.
    public private(set) lazy var sendBatch = SendBatch(usesRing: usesRing)
    private let usesRing: Bool
    /// Monotonic time in nanoseconds, read once for each turn.
    public private(set) var now: UInt64

    private static let wakeMark = UInt64.max
    /// Bytes one system call reads at most.
    private static let readSize = 128 * 1024
    /// Rounds of output in one turn. A source that refills what drains at once must not keep the loop from its input.
    private static let flushRounds = 4
    /// How long a turn serves the kernel's events, or those who wait, before it becomes brief with them, in nanoseconds.
    private static let turnTime: UInt64 = 5_000_000
    /// How long one of those who wait may go on, in nanoseconds.
    private static let visitTime: UInt64 = 500_000
    private static let leastVisitTime: UInt64 = 100_000

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
        cork = Cork(capacity: SocketStream.corkCapacity, lent: UnsafeRawBufferPointer(readBuffer))
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
        thrift.came(registeredCount)
        return id
    }

    /// Changes what is watched; does nothing when the registration has ended.
    public func modify(_ id: ChannelID, _ interest: Interest) {
        guard handler(for: id) != nil else { return }
        _ = clinux_epoll_modify(epoll, id.descriptor, interest.events, id.packed)
    }

    /// Bytes that waited for a peer are gone with it.
    func noteReleased(_ bytes: Int) {
        if thrift.released(bytes) { trimMemoryLater() }
    }

    /// Once what is going has gone.
    private func trimMemoryLater() {
        schedule(after: thrift.patience(at: now)) { [weak self] in
            guard let self else { return }
            self.thrift.trim(remaining: self.registeredCount, at: self.now)
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
        if thrift.went(registeredCount) { trimMemoryLater() }
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

    /// Has ``Resumable/resume()`` called in this turn or a later one, after the events and after all who wait already.
    ///
    /// - Parameter asStranger: It is nobody yet, and waits in a line of its own: a storm of such must not hold up those who
    ///   are served already.
    public func resumeLater(_ target: any Resumable, asStranger: Bool = false) {
        if asStranger { strangers.append(target) } else { waiting.append(target) }
    }

    /// Whether who is served now should come to an end, and go on later: see ``resumeLater(_:)``. Costs a look at the clock.
    ///
    /// Work of this thread holds up everybody else on it. So whoever has more to do than a few small things asks now and
    /// then. While the kernel's events are handed out in a young turn the answer is no, so that a loop with little to do puts
    /// nothing of theirs off; in a long one everybody is served a little, and the rest waits in line.
    public var isShareSpent: Bool { Self.monotonicNow() >= shareEnd }

    /// The same for a visit that moves many bytes and should not be cut for their sake alone: it lasts at least 100 µs.
    ///
    /// - Parameter begin: ``currentTime`` when the visit began.
    public func isShareSpent(since begin: UInt64) -> Bool {
        let current = Self.monotonicNow()
        return current >= shareEnd && current - begin >= Self.leastVisitTime
    }

    /// Monotonic time in nanoseconds, read now: about 20 ns.
    public var currentTime: UInt64 { Self.monotonicNow() }

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

    /// Runs everything that is due, waits for the kernel and hands out its events, then serves those who wait.
    func turn() {
        begin()
        runTimers()
        flush()
        let count = clinux_epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout())
        begin()
        if count > 0 {
            for event in events[0..<Int(count)] { dispatch(event) }
            flush()
        }
        guard !waiting.isEmpty || !strangers.isEmpty else { return }
        resumeWaiting()
        flush()
    }

    private func begin() {
        now = Self.monotonicNow()
        shareEnd = now + Self.turnTime
    }

    private func runTimers() {
        while let body = timers.nextDue(at: now) { body() }
        var count = 0
        while let id = wakeUps.nextDue(at: now) {
            handler(for: id)?.channelDue()
            count += 1
            // What is due stays due: the rest has its time in the next turn.
            if count.isMultiple(of: 64), isShareSpent { return }
        }
    }

    private func dispatch(_ event: epoll_event) {
        let mark = event.data.u64
        guard mark != Self.wakeMark else { return queue.acknowledgeWakeUp() }
        let id = ChannelID(
            descriptor: Int32(truncatingIfNeeded: mark),
            generation: UInt32(truncatingIfNeeded: mark >> 32)
        )
        handler(for: id)?.channelReady(Readiness(events: event.events))
    }

    /// Serves those who wait, from both lines in turn and each once at most, until the time for it is over.
    private func resumeWaiting() {
        var current = Self.monotonicNow()
        let end = current + Self.turnTime
        var left = (waiting.count, strangers.count)
        var isStrangersTurn = false
        while current < end, left.0 + left.1 > 0 {
            shareEnd = current + Self.visitTime
            if left.0 == 0 || isStrangersTurn && left.1 > 0 {
                left.1 -= 1
                strangers.popFirst()?.resume()
            } else {
                left.0 -= 1
                waiting.popFirst()?.resume()
            }
            isStrangersTurn.toggle()
            current = Self.monotonicNow()
        }
    }

    /// Lets go of everything; from then on nothing is taken any more.
    func tearDown() {
        isTornDown = true
        for index in slots.indices { slots[index].handler.take()?.channelTornDown() }
        dirty = []
        waiting.removeAll()
        strangers.removeAll()
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
        guard queue.isEmpty, dirty.isEmpty, waiting.isEmpty, strangers.isEmpty else { return 0 }
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
