import Locking
import Logging
import Persistence
import Reactor

/// Looks after the history in the database, every hour until ``stop()``.
final class HistoryKeeper: Sendable {
    private let store: PostgresStore
    private let policy: HistoryPolicy
    private let logger: Logger
    private let isEnded = Mutex(false)

    private static let interval = Duration.seconds(3600)
    /// After a failure: the tables were in use, or the database is away.
    private static let secondAttempt = Duration.seconds(60)

    init(store: PostgresStore, policy: HistoryPolicy, logger: Logger) {
        self.store = store
        self.policy = policy
        self.logger = logger
    }

    /// Begins at once.
    func start(on worker: Worker) {
        worker.spawn {
            while !self.isEnded.withLock(\.self) {
                let isDone = await self.maintain()
                await worker.sleep(for: isDone ? Self.interval : Self.secondAttempt)
            }
        }
    }

    /// Looks no more.
    func stop() { isEnded.withLock { $0 = true } }

    private func maintain() async -> Bool {
        do {
            let work = try await store.maintainHistory(policy)
            if work.dropped > 0 {
                logger.notice("Dropped \(work.dropped) partitions that were older than \(policy.days ?? 0) days")
            }
            return true
        } catch {
            logger.notice("The history could not be looked after, and will be in a minute: \(error)")
            return false
        }
    }
}
