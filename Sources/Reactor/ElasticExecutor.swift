import DequeModule
import Glibc

/// Runs work of which nobody can tell whether it blocks its thread: there are as many threads as processors, and more only
/// when none of them gets on with what waits. Threads that find nothing to do end.
///
/// Swift's own pool never has more threads than processors, so that a few bodies which block would stop everything.
public final class ElasticExecutor: TaskExecutor {
    private struct State {
        var jobs: Deque<UnownedJob> = []
        var threads = 0
        /// Threads that wait for a job.
        var idle = 0
        /// Jobs that were begun, ever.
        var begun: UInt64 = 0
        var isWatched = false
    }

    private let least: Int
    private let limit: Int
    private let patience: Duration
    private let state = Condition(State())

    /// How long jobs wait before another thread is started for them.
    private static let lookInterval = timespec(tv_sec: 0, tv_nsec: 10_000_000)

    /// Starts nothing yet.
    ///
    /// - Parameters:
    ///   - least: so many threads are started without waiting whether one becomes free, at least 1.
    ///   - limit: the most threads. When all of them block, what else there is waits.
    ///   - patience: a thread that has had nothing to do for so long ends.
    public init(least: Int = WorkerGroup.usableProcessorCount, limit: Int = 256, patience: Duration = .seconds(10)) {
        self.least = max(1, least)
        self.limit = max(self.least, limit)
        self.patience = patience
    }

    /// Threads there are.
    public var threadCount: Int { state.withLock(\.threads) }

    /// Jobs that no thread has begun.
    public var waitingCount: Int { state.withLock(\.jobs.count) }

    /// Has a job run on one of the threads.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let lacks = state.withLock { state -> (thread: Bool, watch: Bool) in
            state.jobs.append(job)
            guard state.jobs.count > state.idle else { return (false, false) }
            if state.threads < least {
                state.threads += 1
                return (true, false)
            }
            defer { state.isWatched = true }
            return (false, !state.isWatched)
        }
        if lacks.thread { return startThread() }
        state.signal()
        if lacks.watch, !start({ $0.watch() }) { state.withLock { $0.isWatched = false } }
    }

    // MARK: Threads

    private func startThread() {
        // Without one, those there are run the job.
        if !start({ $0.work() }) { state.withLock { $0.threads -= 1 } }
    }

    private func work() {
        let executor = asUnownedTaskExecutor()
        while let job = next() { job.runSynchronously(on: executor) }
    }

    /// The next job; nil when there was none for long enough, and the thread has to end.
    private func next() -> UnownedJob? {
        var isIdle = false
        return state.wait(atMost: patience) { state, isOver -> UnownedJob?? in
            if let job = state.jobs.popFirst() {
                state.begun += 1
                if isIdle { state.idle -= 1 }
                return job
            }
            if isOver {
                state.idle -= 1
                state.threads -= 1
                return .some(nil)
            }
            if !isIdle { state.idle += 1 }
            isIdle = true
            return nil
        }
    }

    /// Starts threads while jobs wait and none is begun.
    private func watch() {
        var begun: UInt64?
        while true {
            var interval = Self.lookInterval
            nanosleep(&interval, nil)
            let missing = state.withLock { state -> Int? in
                guard !state.jobs.isEmpty else {
                    state.isWatched = false
                    return nil
                }
                defer { begun = state.begun }
                guard state.begun == begun, state.idle == 0 else { return 0 }
                let missing = min(state.jobs.count, state.threads, limit - state.threads)
                state.threads += missing
                return missing
            }
            guard let missing else { return }
            for _ in 0..<missing { startThread() }
        }
    }

    /// Starts a thread, which keeps the executor.
    private func start(_ body: @escaping (ElasticExecutor) -> Void) -> Bool {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(executor: self, body: body))
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.body(start.executor)
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private final class Start {
        let executor: ElasticExecutor
        let body: (ElasticExecutor) -> Void

        init(executor: ElasticExecutor, body: @escaping (ElasticExecutor) -> Void) {
            self.executor = executor
            self.body = body
        }
    }
}
