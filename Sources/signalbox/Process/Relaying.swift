import Domain
import Flows
import Gateway
import Ledger
import Locking
import Logging
import Persistence
import Reactor
import Redis
import Relay
import Streams

/// The connection to the other nodes by way of Redis, where one is configured. Without it, and while it is down, everything
/// goes by way of the database.
final class Relaying: Sendable {
    private let relay: CommitRelay
    private let work: WorkRelay
    private let streams: Streams
    private let store: PostgresStore
    private let worker: Worker
    private let logger: Logger
    /// Counts the questions for the channel: only the latest one decides.
    private let question = Mutex(0)
    private let engine = Mutex<FlowEngine?>(nil)

    /// How long to wait before the database is asked again.
    private static let pause = Duration.seconds(1)

    /// - Parameter url: nil for no Redis.
    /// - Throws: ``RedisError/invalidURL(_:)``.
    init?(
        url: String?,
        node: Int64,
        store: PostgresStore,
        streams: Streams,
        workers: WorkerGroup,
        blockingPool: BlockingPool,
        logger: Logger
    ) throws {
        guard let url else { return nil }
        let configuration = try RedisConfiguration(url)
        self.store = store
        self.streams = streams
        self.logger = logger
        // The last one: the first has the ear for the database.
        worker = workers.workers[workers.count - 1]
        relay = CommitRelay(RedisPubSub(configuration, worker: worker, blockingPool: blockingPool), node: node)
        work = WorkRelay(RedisGroup(configuration, worker: worker, blockingPool: blockingPool))
    }

    /// Tells the watchers of this node and the other nodes.
    var publisher: RelayedPublisher { RelayedPublisher(streams, relay, work) }

    /// Whether this node is told of its part of the runnable flows by Redis.
    var carriesWork: Bool { work.isJoined }

    var metrics: [Metric] { Metric.of(relay) + Metric.of(work) }

    /// Begins to connect; does not wait for it.
    func start(_ engine: FlowEngine) {
        self.engine.withLock { $0 = engine }
        findChannel()
    }

    /// Takes what the listener says: after a loss the database may be another one.
    func heard(_ notification: StoreNotification) { if notification == .mayHaveMissed { findChannel() } }

    /// Takes no more flows; those this node made runnable are told to others by the database.
    func leaveWork() async {
        engine.withLock { $0 = nil }
        await work.close()
    }

    /// Ends the connections.
    func stop() async {
        question.withLock { $0 += 1 }
        await leaveWork()
        await relay.close()
    }

    /// Meets on a channel exactly those who are connected to the same running database.
    private func findChannel() {
        let number = question.withLock { number in
            number += 1
            return number
        }
        worker.spawn {
            while self.question.withLock({ $0 == number }) {
                guard let name = try? await self.store.instanceName() else {
                    await self.worker.sleep(for: Self.pause)
                    continue
                }
                self.listen(on: name, asOf: number)
                return
            }
        }
    }

    private func listen(on name: String, asOf number: Int) {
        guard question.withLock({ $0 == number }) else { return }
        let (streams, logger) = (self.streams, self.logger)
        relay.listen(
            to: "signalbox:\(name)",
            receive: { streams.received($0) },
            report: { event in
                switch event {
                case .connected:
                    logger.notice("Redis carries events between nodes")
                case .disconnected(let error):
                    logger.warning("Redis carries no events, nodes read them from the database: \(error)")
                }
            }
        )
        guard let engine = engine.withLock(\.self) else { return }
        work.join(
            "signalbox:\(name):work",
            room: { engine.room },
            take: { engine.take($0) },
            report: { event in
                switch event {
                case .connected:
                    logger.notice("Redis spreads runnable flows over the nodes")
                case .disconnected(let error):
                    logger.warning("Redis spreads no flows, every node looks at the queue by itself: \(error)")
                    engine.wake()
                }
            }
        )
    }
}
