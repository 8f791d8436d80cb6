import Locking
import Logging
import Persistence
import Reactor

/// Looks after the history in all databases, every hour until ``stop()``.
final class HistoryKeeper: Sendable {
    private let store: PlacedStore
    private let policy: HistoryPolicy
    private let logger: Logger
    private let isEnded = Mutex(false)

    private static let interval = Duration.seconds(3600)
    /// After a failure: the tables were in use, or the database is away.
    private static let secondAttempt = Duration.seconds(60)

    init(store: PlacedStore, policy: HistoryPolicy, logger: Logger) {
        self.store = store
        self.policy = policy
        self.logger = logger
    }

    /// Begins at once.
    func start(on worker: Worker) {
        for place in store.databases.indices {
            worker.spawn {
                while !self.isEnded.withLock(\.self) {
                    let isDone = await self.maintain(place)
                    await worker.sleep(for: isDone ? Self.interval : Self.secondAttempt)
                }
            }
        }
    }

    /// Looks no more.
    func stop() { isEnded.withLock { $0 = true } }

    private func maintain(_ place: Int) async -> Bool {
        let database = store.databases[place].name
        do {
            let work = try await store.store(at: place).maintainHistory(policy)
            if work.dropped > 0 {
                logger.notice(
                    """
                    Dropped \(work.dropped) partitions of the database \(database) that were older than \
                    \(policy.days ?? 0) days
                    """
                )
            }
            return true
        } catch {
            logger.notice(
                "The history in the database \(database) could not be looked after, and will be in a minute: \(error)"
            )
            return false
        }
    }
}
