// The two executors over one job queue. One class for both roles would queue an inherited task again at every `await`
// (measured: four jobs for three calls against one), so they are two objects.

/// Runs the jobs of actors that live on one loop.
final class LoopExecutor: SerialExecutor {
    let queue: JobQueue

    init(queue: JobQueue) { self.queue = queue }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.add(.serial(UnownedJob(job)), fromLoop: isCurrentThread)
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() {
        precondition(isCurrentThread, "called from outside the loop's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isCurrentThread }

    /// Whether the caller runs on the loop's own thread.
    var isCurrentThread: Bool {
        guard let current = Worker.current else { return false }
        return current.queue === queue
    }
}

/// Runs the jobs of tasks that prefer one loop, so that a resumed continuation comes back without a detour through the
/// global pool.
final class LoopTaskExecutor: TaskExecutor {
    let serial: LoopExecutor

    init(serial: LoopExecutor) { self.serial = serial }

    func enqueue(_ job: consuming ExecutorJob) {
        serial.queue.add(.task(UnownedJob(job)), fromLoop: serial.isCurrentThread)
    }
}
