public import Domain
import Locking
public import Persistence
public import Postgres
public import Reactor

/// A migrated database of its own, with a store as the server uses it.
public struct TestDatabase: Sendable {
    /// The database's name in the cluster.
    public let name: String
    /// Where it is, for another process.
    public let url: String
    /// Where it is; the account is the superuser.
    public let configuration: PostgresConfiguration
    /// A client as the superuser, who owns everything and whom no policy binds.
    public let owner: PostgresClient
    /// A client as the application's role.
    public let client: PostgresClient
    /// The store over ``client``.
    public let store: PostgresStore
    private let lease: Lease

    /// Loops and threads shared by all databases of the process.
    public static let workers: WorkerGroup = {
        guard let workers = try? WorkerGroup(count: 2) else { preconditionFailure("no workers") }
        return workers
    }()
    /// Threads for what blocks.
    public static let blockingPool = BlockingPool()

    /// Makes a database with the whole schema and nothing in it. The first of a process takes a few seconds.
    public static func make() async throws -> TestDatabase {
        let cluster = try PostgresCluster.shared()
        let template = try await Template.shared.name()
        return try open(try cluster.createDatabase(template: template), in: cluster)
    }

    /// As ``make()``, in another cluster than the shared one.
    public static func make(in cluster: PostgresCluster) async throws -> TestDatabase {
        let database = try open(try cluster.createDatabase(), in: cluster)
        try await database.owner.withConnection { session in _ = try await Migrator(session).run() }
        return database
    }

    private static func open(_ name: String, in cluster: PostgresCluster) throws -> TestDatabase {
        let url = cluster.url(database: name)
        let configuration = try PostgresConfiguration(url)
        var options = Migrator.options
        options.connectionsPerWorker = 4
        let owner = PostgresClient(configuration, options: options, workers: workers, blockingPool: blockingPool)
        let client = PostgresClient(
            configuration,
            options: PostgresStore.options(),
            workers: workers,
            blockingPool: blockingPool
        )
        return TestDatabase(
            name: name,
            url: url,
            configuration: configuration,
            owner: owner,
            client: client,
            store: PostgresStore(client),
            lease: Lease(clients: [owner, client])
        )
    }

    /// A tenant with these users.
    public func makeTenant(_ name: String = "acme", users: [User] = []) async throws -> Tenant {
        try await TenantAdministration(owner).provision(Tenant(id: .generate(), name: name), users: users)
    }

    /// Runs `body` on a loop of ``workers``, as the server's own code runs.
    public static func onWorker<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task(executorPreference: workers.workers[0].taskExecutor, operation: body)
        return try await task.value
    }
}

/// Closes a database's clients once the last copy of it is gone: the cluster has a limit on connections.
private final class Lease: Sendable {
    private let clients: [PostgresClient]

    init(clients: [PostgresClient]) { self.clients = clients }

    deinit {
        let clients = self.clients
        TestDatabase.workers.workers[0].spawn { for client in clients { await client.close() } }
    }
}

/// The database that all others are copied from.
private actor Template {
    static let shared = Template()
    private var making: Task<String, any Error>?

    func name() async throws -> String {
        if let making { return try await making.value }
        let task = Task { try await Self.make() }
        making = task
        return try await task.value
    }

    private static func make() async throws -> String {
        let cluster = try PostgresCluster.shared()
        let name = try cluster.createDatabase("template")
        let client = PostgresClient(
            try PostgresConfiguration(cluster.url(database: name)),
            options: Migrator.options,
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        try await client.withConnection { session in _ = try await Migrator(session).run() }
        // A template must have no connections when it is copied; the server notices a closed one a moment later.
        await client.close()
        while try cluster.run(sql: "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)'") != "0" {}
        return name
    }
}
