import Dispatch
import Locking
import Persistence
import Postgres
import Reactor

/// A command that does one thing with the database and ends.
struct OneShot: Sendable {
    let settings: Settings
    let workers: WorkerGroup
    let pool: BlockingPool

    /// Runs `body` on a worker of its own and returns its result. Blocks.
    static func run<Result: Sendable>(
        _ settings: Settings,
        _ body: @escaping @Sendable (OneShot) async throws -> Result
    ) throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure>
        do {
            let workers = try WorkerGroup(count: 1)
            let shot = OneShot(settings: settings, workers: workers, pool: BlockingPool(threads: 1))
            outcome = shot.wait(body)
            workers.shutDown()
            shot.pool.shutDown()
        } catch {
            throw Failure(error)
        }
        return try outcome.get()
    }

    /// A client for one of the databases.
    func client(_ database: Placement.Database, _ options: PostgresOptions) -> PostgresClient {
        PostgresClient(database.configuration, options: options, workers: workers, blockingPool: pool)
    }

    private func wait<Result: Sendable>(
        _ body: @escaping @Sendable (OneShot) async throws -> Result
    ) -> Swift.Result<Result, Failure> {
        let done = DispatchSemaphore(value: 0)
        let outcome = OutcomeBox<Result>()
        workers.local.spawn {
            do {
                outcome.set(.success(try await body(self)))
            } catch {
                outcome.set(.failure(Failure(error)))
            }
            done.signal()
        }
        done.wait()
        return outcome.take() ?? .failure(Failure(.software, "the command ended without a result."))
    }
}

/// A result on its way from a worker to the main thread.
final class OutcomeBox<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, Failure>?>(nil)

    func set(_ result: Result<Value, Failure>) { self.result.withLock { $0 = result } }

    func take() -> Result<Value, Failure>? { result.withLock { $0.take() } }
}
