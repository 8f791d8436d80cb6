// FlowsModel: the real engine, ledger and approvals under a simulated clock, a seeded scheduler and a database in memory, with
// processes that die and stall wherever a seed says.

import Domain
import Flows
import PropertySupport

/// Runs tasks one job at a time, in an order that a seed decides, and has time pass when nothing is left to run. Everything
/// stays on the thread that calls ``step()``.
final class Scheduler: TaskExecutor, @unchecked Sendable {
    private var jobs: [UnownedJob] = []
    private var sleepers: [(id: UInt64, at: Timestamp, continuation: CheckedContinuation<Void, any Error>)] = []
    private var lastSleeper: UInt64 = 0
    private(set) var now = Timestamp(microseconds: 1_700_000_000_000_000)
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    /// Starts a task that inherits nothing.
    @discardableResult
    func spawn(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task.detached(executorPreference: self, operation: operation)
    }

    /// Runs one job, or lets time pass until the next sleeper wakes. False when there is neither.
    func step() -> Bool {
        if let index = jobs.indices.randomElement(using: &random) {
            jobs.swapAt(index, jobs.count - 1)
            jobs.removeLast().runSynchronously(on: asUnownedTaskExecutor())
            return true
        }
        guard let index = sleepers.indices.min(by: { sleepers[$0].at < sleepers[$1].at }) else { return false }
        let sleeper = sleepers.remove(at: index)
        now = max(now, sleeper.at)
        sleeper.continuation.resume()
        return true
    }

    /// Suspends the calling task for a moment, so that others may come before it.
    func pause() async {
        try? await sleep(until: now)
    }

    /// Suspends the calling task, also one that is cancelled.
    func standStill(until time: Timestamp) async {
        lastSleeper += 1
        let id = lastSleeper
        try? await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            sleepers.append((id, time, continuation))
        }
    }

    /// Suspends the calling task.
    func sleep(until time: Timestamp) async throws {
        lastSleeper += 1
        let id = lastSleeper
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                sleepers.append((id, time, continuation))
            }
        } onCancel: {
            guard let index = sleepers.firstIndex(where: { $0.id == id }) else { return }
            sleepers.remove(at: index).continuation.resume(throwing: CancellationError())
        }
    }

    /// Time, chance and tasks for an engine.
    var environment: FlowEnvironment {
        FlowEnvironment(
            now: { self.now },
            sleep: { try await self.sleep(until: $0) },
            random: { Double.random(in: 0..<1, using: &self.random) },
            spawn: { self.spawn($0) }
        )
    }
}
