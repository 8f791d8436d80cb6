// The one place where work from other threads enters a loop.

import CLinux
import Glibc
import Locking

/// Work for a loop's thread.
enum Job {
    /// A job of an actor that lives on this loop.
    case serial(UnownedJob)
    /// A job of a task that prefers this loop.
    case task(UnownedJob)
    /// A closure that runs inside the worker's isolation.
    case message(@Sendable (isolated Worker) -> Void)
}

/// A queue that any thread may fill and only the loop's thread drains.
///
/// The eventfd is written once for each time the queue stops being empty while the loop may be asleep, so a burst of
/// messages from another core costs one wake-up.
final class JobQueue: Sendable {
    private struct State {
        var jobs: [Job] = []
        var isWakeUpPending = false
    }

    private let state = Mutex(State())
    let wakeDescriptor: Int32

    init() throws(SystemError) {
        wakeDescriptor = clinux_eventfd()
        guard wakeDescriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(wakeDescriptor) }

    /// Adds a job; wakes the loop unless the caller is the loop itself or a wake-up is already on its way.
    func add(_ job: Job, fromLoop: Bool) {
        let mustWake = state.withLock { state in
            state.jobs.append(job)
            guard !fromLoop, !state.isWakeUpPending else { return false }
            state.isWakeUpPending = true
            return true
        }
        if mustWake {
            var one: UInt64 = 1
            _ = write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
        }
    }

    /// Swaps the waiting jobs into `jobs`, which must be empty and gives its storage in return.
    func take(into jobs: inout [Job]) {
        state.withLock { swap(&$0.jobs, &jobs) }
    }

    var isEmpty: Bool { state.withLock { $0.jobs.isEmpty } }

    /// Called by the loop when the eventfd was readable.
    func acknowledgeWakeUp() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, MemoryLayout<UInt64>.size)
        state.withLock { $0.isWakeUpPending = false }
    }
}
