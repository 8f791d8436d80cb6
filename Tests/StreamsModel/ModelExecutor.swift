import PropertySupport

/// Runs tasks one job at a time, in an order that a seed decides. Everything stays on the thread that calls ``step(_:)``.
final class ModelExecutor: TaskExecutor, @unchecked Sendable {
    private var jobs: [UnownedJob] = []
    private var sleepers: [CheckedContinuation<Void, Never>] = []

    /// Whether nothing is left to run.
    var isIdle: Bool { jobs.isEmpty && sleepers.isEmpty }

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    /// Starts a task.
    func spawn(_ operation: @escaping @Sendable () async -> Void) {
        Task(executorPreference: self, operation: operation)
    }

    /// Suspends the calling task for a while.
    func pause() async {
        await withCheckedContinuation { sleepers.append($0) }
    }

    /// Runs one job, or wakes one sleeper.
    func step(_ random: inout SeededGenerator) {
        if let index = jobs.indices.randomElement(using: &random) {
            jobs.swapAt(index, jobs.count - 1)
            jobs.removeLast().runSynchronously(on: asUnownedTaskExecutor())
        } else if let index = sleepers.indices.randomElement(using: &random) {
            sleepers.swapAt(index, sleepers.count - 1)
            sleepers.removeLast().resume()
        }
    }

    /// Wakes one sleeper although there are jobs to run.
    func wake(_ random: inout SeededGenerator) {
        guard let index = sleepers.indices.randomElement(using: &random) else { return }
        sleepers.swapAt(index, sleepers.count - 1)
        sleepers.removeLast().resume()
    }
}
