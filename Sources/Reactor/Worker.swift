import CLinux
import Glibc

/// One core's share of the server: an actor whose executor *is* an epoll thread.
///
/// Everything that lives on the loop (connections, database clients, subscriber lists) is an ordinary non-`Sendable`
/// class inside this actor's region, so the compiler keeps it on its thread without a lock. Isolation is entered once for
/// each wake-up of the loop, and the whole batch of events then makes plain synchronous calls.
///
/// Code outside reaches in through ``post(_:)`` (a message, no answer) or an `async` method; code inside starts tasks
/// through ``spawn(_:)`` only, because a task without executor preference resumes through the global pool.
public actor Worker {
    nonisolated let queue: JobQueue
    nonisolated let serialExecutor: LoopExecutor
    nonisolated let preferredExecutor: LoopTaskExecutor
    /// The number of this worker in its group, from 0.
    public nonisolated let index: Int
    /// The loop itself, for code that already runs inside this worker.
    public let loop: EventLoop
    /// Whether the loop has ended: what is still posted runs, but serves nobody.
    public private(set) var hasEnded = false
    private var attachments: [ObjectIdentifier: AnyObject] = [:]

    /// The executor of this actor: the loop's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { serialExecutor.asUnownedSerialExecutor() }

    init(index: Int, usesRing: Bool) throws(SystemError) {
        self.index = index
        queue = try JobQueue()
        serialExecutor = LoopExecutor(queue: queue)
        preferredExecutor = LoopTaskExecutor(serial: serialExecutor)
        loop = try EventLoop(queue: queue, usesRing: usesRing)
    }

    /// The worker on whose thread the caller runs, if any.
    public static var current: Worker? {
        guard let pointer = clinux_get_thread_local() else { return nil }
        return Unmanaged<Worker>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The task executor that keeps a task on this loop.
    public nonisolated var taskExecutor: any TaskExecutor { preferredExecutor }

    /// Starts a task on this loop, without the task-local values of the one that starts it. Costs about half a microsecond:
    /// meant for commands, not for frames.
    @discardableResult
    public nonisolated func spawn(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task.detached(executorPreference: preferredExecutor, operation: operation)
    }

    /// Leaves a message that runs inside this worker on its next turn, in the order of posting.
    public nonisolated func post(_ message: @escaping @Sendable (isolated Worker) -> Void) {
        queue.add(.message(message), fromLoop: serialExecutor.isCurrentThread)
    }

    /// Runs `body` inside this worker and returns its result.
    public func run<Result: Sendable, Failure: Error>(
        _ body: @Sendable (isolated Worker) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(self)
    }

    /// Keeps `value` with this worker, one of each type, so that higher floors can hold state on the loop. A worker that has
    /// ended keeps nothing.
    public func attach<Value: AnyObject>(_ value: sending Value) {
        if hasEnded { return }
        attachments[ObjectIdentifier(Value.self)] = value
    }

    /// The value of that type given to ``attach(_:)``.
    public func attachment<Value: AnyObject>(_ type: Value.Type = Value.self) -> Value? {
        attachments[ObjectIdentifier(type)] as? Value
    }

    /// Suspends the calling task for at least `duration` on this loop's timers; returns early when the task is cancelled
    /// or the loop ends.
    public func sleep(for duration: Duration) async {
        let sleeper = Sleeper()
        await withTaskCancellationHandler {
            await sleep(for: duration, sleeper)
        } onCancel: {
            sleeper.wake()
        }
    }

    /// A method of its own, because a closure that does not use `self` may leave the loop.
    private func sleep(for duration: Duration, _ sleeper: Sleeper) async {
        var timer: TimerID?
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            guard sleeper.begin(continuation) else { return }
            let alarm = Alarm(sleeper)
            timer = loop.schedule(after: duration) { alarm.ring() }
        }
        if let timer { loop.cancel(timer) }
    }

    /// One turn of the loop: messages, output that waits, then the kernel.
    func turn(messages: [@Sendable (isolated Worker) -> Void]) {
        for message in messages { message(self) }
        loop.turn()
    }

    /// Everything the loop holds lets go of its descriptors.
    func tearDown() {
        hasEnded = true
        attachments.removeAll()
        loop.tearDown()
    }
}
