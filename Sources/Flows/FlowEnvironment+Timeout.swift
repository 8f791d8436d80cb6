import Domain
import Locking

extension FlowEnvironment {
    /// Runs a body where bodies run, for so long at most. One that takes longer is cancelled and not waited for: it may not
    /// heed that, and whatever it still writes is refused. The caller goes on where it was: what commits a result must not wait
    /// for a thread that other bodies block.
    /// - Throws: what `body` throws; ``StepError/timedOut(step:limit:)``; `CancellationError`.
    func run<Result: Sendable>(
        _ step: String,
        within limit: Duration?,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let limit else { return try await withTaskExecutorPreference(bodies) { try await body() } }
        let end = Timestamp(microseconds: now().microseconds + Int64(limit.inMicroseconds))
        let race = FirstOutcome<Result>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                race.begin(continuation)
                let work = spawn { [bodies] in
                    do {
                        race.settle(.success(try await withTaskExecutorPreference(bodies) { try await body() }))
                    } catch {
                        race.settle(.failure(error))
                    }
                }
                let clock = spawn { [sleep] in
                    guard (try? await sleep(end)) != nil else { return }
                    race.settle(.failure(StepError.timedOut(step: step, limit: limit)))
                }
                race.list([work, clock])
            }
        } onCancel: {
            race.settle(.failure(CancellationError()))
        }
    }
}

/// The first of several outcomes; the tasks that could bring another one are cancelled.
private final class FirstOutcome<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var outcome: Result<Value, any Error>?
        var tasks: [Task<Void, Never>] = []
    }

    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Value, any Error>) {
        let outcome = state.withLock { state in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    func list(_ tasks: [Task<Void, Never>]) {
        let isLate = state.withLock { state in
            state.tasks = tasks
            return state.outcome != nil
        }
        if isLate { for task in tasks { task.cancel() } }
    }

    func settle(_ outcome: Result<Value, any Error>) {
        let (continuation, tasks) = state.withLock {
            state -> (CheckedContinuation<Value, any Error>?, [Task<Void, Never>]) in
            guard state.outcome == nil else { return (nil, []) }
            state.outcome = outcome
            defer { state.continuation = nil }
            return (state.continuation, state.tasks)
        }
        continuation?.resume(with: outcome)
        for task in tasks { task.cancel() }
    }
}
