import Postgres
import Reactor
import TestSupport

/// An empty database, and clients for it.
struct Database {
    let name: String
    let configuration: PostgresConfiguration

    static func make() throws -> Database {
        let cluster = try PostgresCluster.shared()
        let name = try cluster.createDatabase("client")
        return Database(name: name, configuration: try PostgresConfiguration(cluster.url(database: name)))
    }

    /// A client whose pool has all its connections on one worker, so that its limits can be tested.
    func client(
        workers: WorkerGroup = TestDatabase.workers,
        _ change: (inout PostgresOptions) -> Void = { _ in }
    ) -> PostgresClient {
        var options = PostgresOptions()
        options.shortestBackoff = .milliseconds(1)
        options.longestBackoff = .milliseconds(20)
        change(&options)
        return PostgresClient(
            configuration,
            options: options,
            workers: workers,
            blockingPool: TestDatabase.blockingPool
        )
    }

    /// Ends all other sessions of this database, as an administrator would.
    func terminateSessions() throws {
        try PostgresCluster.shared().run(
            sql:
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)' AND pid <> pg_backend_pid()"
        )
    }

    /// Waits until a query answers `true`; the condition is one the server is bound to reach.
    func wait(until condition: String) async throws {
        // Not on the caller's thread: what is waited for may need it.
        while try await TestDatabase.blockingPool.run({ try PostgresCluster.shared().run(sql: "SELECT \(condition)") })
            != "t"
        {}
    }
}

/// The kind of the ``PostgresError`` that `body` throws; nil when it throws none.
func kind(of body: () async throws -> Void) async throws -> PostgresError.Kind? {
    do {
        try await body()
        return nil
    } catch let error as PostgresError {
        return error.kind
    }
}
