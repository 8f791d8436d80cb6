import Locking
import Postgres
import Reactor
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(1)))
struct PoolTests {
    let database: Database

    init() throws { database = try Database.make() }

    @Test func callersShareNoMoreThanTheLimit() async throws {
        let client = database.client { $0.connectionsPerWorker = 3 }
        let pids = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    let rows = try await client.withConnection { try await $0.query("SELECT pg_backend_pid() AS pid") }
                    return try rows[0].int("pid")
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect((1...3).contains(pids.count))
    }

    private final class Order: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func thePoolCountsWhatItDoes() async throws {
        let client = try Database.make().client { $0.connectionsPerWorker = 1 }
        let metrics = client.metrics
        try await client.withConnection { session in
            _ = try await session.query("SELECT 1")
            #expect(metrics[.leased] == 1)
            #expect(metrics[.idle] == 0)
        }
        #expect(metrics[.leased] == 0)
        #expect(metrics[.idle] == 1)
        #expect(metrics[.connected] == 1)
        // It had to wait for the connection to be made.
        #expect(metrics[.waited] == 1)
        #expect(metrics[.waitedMicroseconds] > 0)
        #expect([metrics[.waiting], metrics[.lost], metrics[.refused], metrics[.notConnected]] == [0, 0, 0, 0])
        await client.close()
    }

    @Test func waitersAreServedInOrder() async throws {
        let client = database.client { $0.connectionsPerWorker = 1 }
        let order = Order()
        let gate = AsyncStream.makeStream(of: Void.self)
        let holding = AsyncStream.makeStream(of: Void.self)
        let holder = Task {
            try await client.withConnection { _ in
                holding.continuation.yield()
                for await _ in gate.stream { break }
            }
        }
        for await _ in holding.stream { break }
        var waiters: [Task<Void, any Error>] = []
        for number in 0..<10 {
            // Each waits before the next one comes: its task runs on the loop up to its own wait, then ours goes on there.
            let isQueued = AsyncStream.makeStream(of: Void.self)
            waiters.append(
                Task(executorPreference: client.workers.workers[0].taskExecutor) {
                    isQueued.continuation.yield()
                    try await client.withConnection { _ in order.numbers.withLock { $0.append(number) } }
                }
            )
            for await _ in isQueued.stream { break }
            await client.workers.workers[0].run { _ in }
        }
        gate.continuation.yield()
        try await holder.value
        for waiter in waiters { try await waiter.value }
        #expect(order.numbers.withLock(\.self) == Array(0..<10))
    }

    @Test func tooManyWaitersAndTooLongWaitsAreRefused() async throws {
        let client = database.client {
            $0.connectionsPerWorker = 1
            $0.waitersPerWorker = 1
            $0.waitDeadline = .milliseconds(100)
        }
        let results = try await client.withConnection { _ in
            async let first = kind(of: { try await client.withConnection { _ in } })
            async let second = kind(of: { try await client.withConnection { _ in } })
            return try await [first, second]
        }
        #expect(results == [.poolExhausted, .poolExhausted])
        try await client.withConnection { _ in }
    }

    @Test func aCancelledWaiterLeavesTheQueue() async throws {
        let client = database.client { $0.connectionsPerWorker = 1 }
        try await client.withConnection { _ in
            let waiter = Task { try await kind(of: { try await client.withConnection { _ in } }) }
            waiter.cancel()
            let outcome = try await waiter.value
            #expect(outcome == .cancelled)
        }
        try await client.withConnection { _ in }
    }

    @Test func aCancelledQueryIsStoppedAndItsConnectionStays() async throws {
        let client = database.client { $0.connectionsPerWorker = 1 }
        let before = try await client.withConnection { try await $0.query("SELECT pg_backend_pid() AS pid") }
        let sleeper = Task {
            try await kind(of: { try await client.withConnection { _ = try await $0.query("SELECT pg_sleep(50)") } })
        }
        try await database.wait(
            until:
                "EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.name)' AND query LIKE '%pg_sleep(50)%'"
                + " AND state = 'active' AND pid <> pg_backend_pid())"
        )
        sleeper.cancel()
        #expect(try await sleeper.value == .cancelled)
        let after = try await client.withConnection { try await $0.query("SELECT pg_backend_pid() AS pid") }
        #expect(try after[0].int("pid") == before[0].int("pid"))
    }

    @Test func aCancelledTransactionIsRolledBack() async throws {
        let client = database.client { $0.connectionsPerWorker = 1 }
        try await client.withConnection { try await $0.script("CREATE TABLE t (x int)") }
        let writer = Task {
            try await kind(of: {
                try await client.transaction { session in
                    _ = try await session.query("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            })
        }
        #expect(try await writer.value == .cancelled)
        let rows = try await client.withConnection { try await $0.query("SELECT x FROM t") }
        #expect(rows.isEmpty)
    }

    @Test func aConnectionInMidTransactionIsRolledBackBeforeItsNextUse() async throws {
        let client = database.client { $0.connectionsPerWorker = 1 }
        try await client.withConnection { session in
            try await session.script("CREATE TABLE t (x int)")
            _ = try await session.query("BEGIN")
            _ = try await session.query("INSERT INTO t VALUES (1)")
        }
        let rows = try await client.withConnection { try await $0.query("SELECT x FROM t") }
        #expect(rows.isEmpty)
    }

    @Test func everyConnectionIsSetUp() async throws {
        let client = database.client { $0.onConnect = [PostgresStatement("SET application_name = 'dressed'")] }
        let rows = try await client.withConnection {
            try await $0.query(
                "SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS timeout"
            )
        }
        #expect(try rows[0].string("name") == "dressed")
        #expect(try rows[0].string("timeout") == "30s")
    }

    @Test func terminatedConnectionsAreReplaced() async throws {
        let client = database.client { $0.connectionsPerWorker = 2 }
        for _ in 0..<3 {
            let rows = try await client.withConnection { try await $0.query("SELECT 1 AS one") }
            #expect(try rows[0].int("one") == 1)
            try database.terminateSessions()
            try await database.wait(
                until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.name)')"
            )
            // The loop hears of the end before anything that is asked of it later.
            await client.workers.workers[0].sleep(for: .milliseconds(1))
        }
    }

    @Test func aConnectionLostInMidTransactionIsSafeToRetry() async throws {
        let client = database.client()
        do {
            try await client.transaction { session in
                _ = try await session.query("SELECT 1")
                try database.terminateSessions()
                _ = try await session.query("SELECT 1")
            }
            Issue.record("the transaction survived")
        } catch let error as PostgresError {
            #expect(error.kind == .connectionLost)
            #expect(error.isSafeToRetry)
        }
        try await client.withConnection { _ = try await $0.query("SELECT 1") }
    }

    @Test func aCommitWhoseAnswerIsLostHasAnUnknownOutcome() async throws {
        let client = database.client()
        try await client.withConnection { session in
            // The commit itself waits in a deferred trigger until its session is ended from outside.
            try await session.script(
                """
                CREATE TABLE slow (x int);
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(50); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION wait();
                """
            )
        }
        let writer = Task {
            try await kind(of: {
                try await client.transaction { _ = try await $0.query("INSERT INTO slow VALUES (1)") }
            })
        }
        try await database.wait(
            until: "EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.name)' AND query = 'COMMIT'"
                + " AND state = 'active')"
        )
        try database.terminateSessions()
        #expect(try await writer.value == .unknownOutcome)
    }

    @Test func anUnreachableServerIsReportedWithItsReason() async throws {
        let nowhere = try PostgresConfiguration("postgresql:///x?host=/nonexistent-folder")
        var options = PostgresOptions()
        options.waitDeadline = .milliseconds(100)
        let client = PostgresClient(
            nowhere,
            options: options,
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        do {
            try await client.withConnection { _ in }
            Issue.record("connected to nothing")
        } catch let error as PostgresError {
            #expect(error.kind == .notReachable)
            #expect(error.isSafeToRetry)
            #expect(error.description.contains("/nonexistent-folder"))
        }
    }

    @Test func aSilentServerIsGivenUp() async throws {
        // A listening socket that nobody accepts from: the connection is made, and no answer ever comes.
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listeners = try ListeningSocket.open(address, count: 1)
        let port = try #require(listeners.first?.address.port)
        var options = PostgresOptions()
        options.connectTimeout = .milliseconds(50)
        options.waitDeadline = .milliseconds(200)
        let client = PostgresClient(
            try PostgresConfiguration("postgresql://someone@127.0.0.1:\(port)/x"),
            options: options,
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        let error = await #expect(throws: PostgresError.self) { try await client.withConnection { _ in } }
        #expect(error?.kind == .notReachable)
        #expect(error?.description.contains("did not answer") == true)
    }

    @Test func aNameWithoutAnAddressIsReported() async throws {
        var options = PostgresOptions()
        options.waitDeadline = .seconds(2)
        let client = PostgresClient(
            try PostgresConfiguration("postgresql://someone@nowhere.invalid/x"),
            options: options,
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        let error = await #expect(throws: PostgresError.self) { try await client.withConnection { _ in } }
        #expect(error?.kind == .notReachable)
        #expect(error?.description.contains("nowhere.invalid") == true)
    }

    @Test func aClosedClientRefuses() async throws {
        let client = database.client()
        try await client.withConnection { _ in }
        await client.close()
        #expect(try await kind(of: { try await client.withConnection { _ in } }) == .closed)
        try await database.wait(until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.name)')")
    }

    @Test func stoppedWorkersLeaveNobodyWaiting() async throws {
        let workers = try WorkerGroup(count: 1)
        let client = database.client(workers: workers) { $0.connectionsPerWorker = 1 }
        // On the loop, as all code of a server: a task from elsewhere that calls an ended worker gets no answer.
        let executor = workers.workers[0].taskExecutor
        let running = Task(executorPreference: executor) {
            try await kind(of: { try await client.withConnection { _ = try await $0.query("SELECT pg_sleep(50)") } })
        }
        let waiting = Task(executorPreference: executor) {
            try await kind(of: { try await client.withConnection { _ in } })
        }
        try await database.wait(
            until: "EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.name)' AND state = 'active')"
        )
        try await TestDatabase.blockingPool.run { workers.shutDown() }
        #expect(try await running.value != nil)
        #expect(try await waiting.value != nil)
    }
}
