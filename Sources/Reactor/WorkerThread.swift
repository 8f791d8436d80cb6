import CLinux
import Glibc
import Locking

/// The thread that drives one worker from start to stop.
final class WorkerThread: Sendable {
    let worker: Worker
    private let isStopping = Atomic(false)
    private let handle = Mutex<pthread_t?>(nil)

    init(index: Int, usesRing: Bool) throws(SystemError) {
        worker = try Worker(index: index, usesRing: usesRing)
    }

    func start() throws(SystemError) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<WorkerThread>.fromOpaque(argument).takeRetainedValue().main()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            box.release()
            throw SystemError("pthread_create", code: code)
        }
        handle.withLock { $0 = thread }
    }

    /// Asks the thread to end after its present turn.
    func requestStop() {
        isStopping.store(true, ordering: .releasing)
        worker.post { _ in }
    }

    /// Waits for the thread's end. Blocks; never call it on a loop.
    func join() {
        guard let thread = handle.withLock({ $0.take() }) else { return }
        pthread_join(thread, nil)
    }

    private func main() {
        clinux_set_thread_name("worker-\(worker.index)")
        clinux_set_thread_local(Unmanaged.passUnretained(worker).toOpaque())
        var jobs: [Job] = []
        while !isStopping.load(ordering: .acquiring) {
            let messages = runJobs(&jobs)
            worker.assumeIsolated { $0.turn(messages: messages) }
        }
        worker.assumeIsolated { $0.tearDown() }
        // What was cancelled by the tear-down still gets its turn, so that no continuation is left hanging.
        for _ in 0..<64 where !worker.queue.isEmpty {
            let messages = runJobs(&jobs)
            worker.assumeIsolated { worker in messages.forEach { $0(worker) } }
        }
        clinux_set_thread_local(nil)
    }

    private func runJobs(_ jobs: inout [Job]) -> [@Sendable (isolated Worker) -> Void] {
        worker.queue.take(into: &jobs)
        var messages: [@Sendable (isolated Worker) -> Void] = []
        for job in jobs {
            switch job {
            case .serial(let job):
                job.runSynchronously(on: worker.serialExecutor.asUnownedSerialExecutor())
            case .task(let job):
                job.runSynchronously(
                    isolatedTo: worker.serialExecutor.asUnownedSerialExecutor(),
                    taskExecutor: worker.preferredExecutor.asUnownedTaskExecutor()
                )
            case .message(let message):
                messages.append(message)
            }
        }
        jobs.removeAll(keepingCapacity: true)
        return messages
    }
}
