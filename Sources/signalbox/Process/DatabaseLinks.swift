import Domain
import Locking
import Logging
import Persistence
import Postgres
import Reactor

/// The databases of a serving process: their connections, and one ear in each, all with this node's number.
///
/// The first must be in order when the process starts. Another one that is away then is used as soon as it is back and found
/// in order: the tenants of the others need not wait for it.
final class DatabaseLinks: Sendable {
    /// Takes what a database says; the number is its place in the map.
    typealias Handler = @Sendable (StoreNotification, Int) -> Void

    let clients: [PostgresClient]
    let store: PlacedStore
    /// The number of this process in the work queues.
    let node = Int64.random(in: 1...Int64.max)
    private let instances = Mutex<[Int: String]>([:])
    private let listeners = Mutex<[StoreListener]>([])
    private let isEnded = Mutex(false)
    private let logger: Logger

    private static let pause = Duration.seconds(2)

    /// Makes the clients; nothing is asked yet.
    init(_ placement: Placement, settings: Settings, workers: WorkerGroup, pool: BlockingPool, logger: Logger) {
        self.logger = logger
        clients = placement.databases.map { database in
            PostgresClient(
                database.configuration,
                options: PostgresStore.options(connectionsPerWorker: settings.databaseConnections),
                workers: workers,
                blockingPool: pool
            )
        }
        let databases = zip(placement.databases, clients).map { database, client in
            PlacedStore.Database(name: database.name, store: PostgresStore(client))
        }
        store = PlacedStore(databases, places: placement.places)
    }

    /// Checks all databases. Those that are away are not used, but for the first.
    /// - Throws: when one is not migrated, gives too many rights or is another one, or the first is away.
    func verify() async throws {
        for place in store.databases.indices {
            do {
                try await verify(place)
            } catch StoreError.unavailable where place > 0 {
                store.use(place, false)
            }
        }
    }

    /// Listens to all databases that are used, and looks after those that are not on a worker of its own.
    /// - Throws: ``StoreError`` when the first does not let us.
    func listen(on worker: Worker, opened: @escaping @Sendable (Int, Bool) -> Void, _ handler: @escaping Handler)
        async throws
    {
        for place in store.databases.indices {
            do {
                // One that was found away is not there to be listened to either.
                if place > 0 { _ = try store.store(at: place) }
                try await listen(place, handler)
            } catch let error where place > 0 {
                store.use(place, false)
                opened(place, false)
                logger.warning("The database \(store.databases[place].name) is tried again: \(Failure(error).sentence)")
                worker.spawn { await self.open(place, worker, opened, handler) }
            }
        }
    }

    /// Ends the ears.
    func stopListening() async {
        isEnded.withLock { $0 = true }
        for listener in listeners.withLock(\.self) { await listener.close() }
    }

    /// Ends all connections.
    func close() async {
        isEnded.withLock { $0 = true }
        for client in clients { await client.close() }
    }

    private func open(
        _ place: Int,
        _ worker: Worker,
        _ opened: @Sendable (Int, Bool) -> Void,
        _ handler: @escaping Handler
    ) async {
        var said: String?
        while !isEnded.withLock(\.self) {
            await worker.sleep(for: Self.pause)
            do {
                try await verify(place)
                try await listen(place, handler)
                store.use(place, true)
                logger.notice("The database \(store.databases[place].name) is used from now on")
                opened(place, true)
                return handler(.mayHaveMissed, place)
            } catch {
                let sentence = Failure(error).sentence
                if said != sentence {
                    logger.warning("The database \(store.databases[place].name) is not used: \(sentence)")
                }
                said = sentence
            }
        }
    }

    private func verify(_ place: Int) async throws {
        let database = store.databases[place]
        do {
            try await database.store.verify()
        } catch let error as StoreSetupError {
            guard store.databases.count > 1 else { throw error }
            throw Failure(.databaseUnavailable, "database \(database.name): \(Failure(error).sentence)")
        }
        guard store.databases.count > 1 else { return }
        let instance = try await database.store.instanceName()
        let same = instances.withLock { instances in
            instances[place] = instance
            return instances.first { $0.key != place && $0.value == instance }?.key
        }
        // Each would take the other for the one before it, and end its connection.
        if let same {
            throw Failure(
                .configuration,
                "the databases \(store.databases[same].name) and \(database.name) are the same; each may be named once."
            )
        }
    }

    private func listen(_ place: Int, _ handler: @escaping Handler) async throws {
        let listener = StoreListener(clients[place], node: node)
        try await listener.start { handler($0, place) }
        listeners.withLock { $0.append(listener) }
    }
}
