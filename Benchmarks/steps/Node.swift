import Approvals
import Domain
import Flows
import JSON
import Ledger
import Locking
import Persistence
import Postgres
import Reactor

/// A process that runs flows, without wires.
struct Node: Sendable {
    let workers: WorkerGroup
    let pool: BlockingPool
    let client: PostgresClient
    let owner: PostgresClient
    let tenant: Tenant
    let ledger: Ledger
    let engine: FlowEngine
    let commands: FlowCommands
    let approvals: Approvals
    let listener: StoreListener

    private struct Nobody: CommitPublisher {
        func publish(_ committed: Committed) {}
    }

    /// Connects; the engine takes no work before ``start()``.
    init(_ url: String, _ registry: FlowRegistry) async throws {
        workers = try WorkerGroup(count: 2)
        pool = BlockingPool()
        let configuration = try PostgresConfiguration(url)
        owner = PostgresClient(configuration, options: Migrator.options, workers: workers, blockingPool: pool)
        try await owner.withConnection { _ = try await Migrator($0).run() }
        client = PostgresClient(configuration, options: PostgresStore.options(), workers: workers, blockingPool: pool)
        let store = PostgresStore(client)
        if let known = try await store.tenant(named: "bench") {
            tenant = known
        } else {
            let new = Tenant(id: .generate(), name: "bench")
            tenant = try await TenantAdministration(owner).provision(new, users: [])
        }
        ledger = Ledger(store: store, publisher: Nobody()) { [workers] in workers.local.spawn($0) }
        listener = StoreListener(client)
        engine = FlowEngine(
            ledger: ledger,
            queue: store,
            registry: registry,
            owner: listener.node,
            environment: .system(bodies: ElasticExecutor())
        )
        commands = FlowCommands(ledger: ledger, registry: registry, engine: engine)
        approvals = Approvals(ledger: ledger, effect: engine)
    }

    func start() async throws {
        try await listener.start { [engine] in engine.heard($0) }
        await engine.start()
    }

    func stop() async {
        await engine.stop()
        await listener.close()
        await client.close()
        await owner.close()
        workers.shutDown()
        pool.shutDown()
    }

    func makeFlows(_ count: Int, of type: String) async throws {
        let principal = Principal(
            tenant: tenant,
            subject: "bench",
            displayName: "bench",
            roles: [.operator],
            session: nil,
            expiresAt: Timestamp(microseconds: .max)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= 32 { try await group.next() }
                group.addTask {
                    try await TenantContext.with(tenant.id) {
                        try await commands.create(
                            type: type,
                            title: nil,
                            state: nil,
                            metadata: nil,
                            input: nil,
                            by: principal,
                            channel: "bench"
                        ) { _ in }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Lets so many milliseconds pass.
    func rest(_ milliseconds: Int) async { await workers.workers[0].sleep(for: .milliseconds(milliseconds)) }

    /// As the server does by itself within a minute or two: plans that were made for empty tables are made anew.
    func analyze() async throws { try await owner.withConnection { _ = try await $0.query("ANALYZE") } }

    /// Has the server look after its tables no more, for figures of what the process alone does.
    func endAutovacuum() async throws {
        try await owner.withConnection { _ = try await $0.query("ALTER SYSTEM SET autovacuum = off") }
        try await owner.withConnection { _ = try await $0.query("SELECT pg_reload_conf()") }
        while try await number("SELECT count(*) AS n FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")
            > 0
        {
            await rest(100)
        }
    }

    /// A number that the database says, as its owner.
    func number(_ sql: String) async throws -> Int {
        try await owner.withConnection { try await $0.query(sql)[0].int("n") }
    }
}
