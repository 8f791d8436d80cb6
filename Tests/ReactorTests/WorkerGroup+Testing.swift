import Foundation

@testable import Reactor

/// Runs `body` with running workers and stops them afterwards.
func withWorkers(_ count: Int = 1, _ body: (WorkerGroup) async throws -> Void) async throws {
    let workers = try WorkerGroup(count: count)
    do {
        try await body(workers)
    } catch {
        await shutDown(workers)
        throw error
    }
    await shutDown(workers)
}

/// Stops the workers without blocking one of the threads that tasks run on.
func shutDown(_ workers: WorkerGroup) async { await onThread { workers.shutDown() } }

/// Runs blocking code on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

/// Counts of what the process holds. Meaningful in a process of one's own only, that is inside an exit test.
enum ProcessState {
    static var descriptorCount: Int { entries("/proc/self/fd").count }

    static var workerThreadCount: Int {
        entries("/proc/self/task").filter { task in
            let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
            return name?.hasPrefix("worker-") == true
        }.count
    }

    private static func entries(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }
}
