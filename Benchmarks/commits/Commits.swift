import ArgumentParser
import Domain
import Flows
import Glibc
import JSON
import Ledger
import Locking
import Persistence
import Postgres
import Reactor

/// Durable patches per second through the ledger: flows that are patched by many writers at once, each of whom waits for the
/// commit before the next patch. Without HTTP and without watchers.
@main
struct Commits: AsyncParsableCommand {
    @Argument(help: "The database, as its owner; its schema is brought up to date.")
    var url: String
    @Option(help: "Flows.")
    var flows = 1000
    @Option(help: "Writers at once.")
    var writers = 512
    @Option(help: "Commits under way at once.")
    var commits = Ledger.Limits().commits
    @Option(help: "Bytes of each flow's state, about.")
    var state = 200
    @Option(help: "Seconds, after one to warm up.")
    var seconds = 3
    @Option(help: "Loops.")
    var loops = 2

    private final class Counters: Sendable {
        let begun = Atomic(0)
        let done = Atomic(0)
    }

    private struct Watch: CommitPublisher {
        func publish(_ committed: Committed) {}
    }

    func run() async throws {
        let workers = try WorkerGroup(count: loops)
        let pool = BlockingPool()
        let configuration = try PostgresConfiguration(url)
        let owner = PostgresClient(configuration, options: Migrator.options, workers: workers, blockingPool: pool)
        try await owner.withConnection { _ = try await Migrator($0).run() }
        let tenant = try await TenantAdministration(owner).provision(Tenant(id: .generate(), name: "bench"), users: [])
        let client = PostgresClient(
            configuration,
            options: PostgresStore.options(),
            workers: workers,
            blockingPool: pool
        )
        var limits = Ledger.Limits()
        limits.commits = commits
        let ledger = Ledger(store: PostgresStore(client), publisher: Watch(), limits: limits) { [workers] in
            workers.local.spawn($0)
        }
        let ids = try await makeFlows(ledger, tenant)
        // As the server does by itself within a minute or two: plans that were made for empty tables are made anew.
        try await owner.withConnection { _ = try await $0.query("ANALYZE") }
        let engine = FlowEngine(ledger: ledger, queue: PostgresStore(client), registry: FlowRegistry(), owner: 1)
        let commands = FlowCommands(ledger: ledger, registry: FlowRegistry(), engine: engine)
        let principal = Principal(
            tenant: tenant,
            subject: "bench",
            displayName: "bench",
            roles: [.agent],
            session: nil,
            expiresAt: Timestamp(microseconds: .max)
        )

        let counters = Counters()
        let end = ContinuousClock.now + .seconds(seconds + 1)
        let tasks = (0..<writers).map { number in
            Task(executorPreference: workers.workers[number % loops].taskExecutor) {
                while ContinuousClock.now < end {
                    let number = counters.begun.add(1, ordering: .relaxed).newValue
                    let patch = JSONPatch(operations: [.replace(JSONPointer(tokens: ["n"]), JSON(number))])
                    _ = try await TenantContext.with(tenant.id) {
                        try await commands.change(ids[number % ids.count], .patch(patch), ifSeq: nil, by: principal)
                    }
                    counters.done.add(1, ordering: .relaxed)
                }
            }
        }
        await workers.workers[0].sleep(for: .seconds(1))
        let (first, began, cpu) = (counters.done.load(ordering: .relaxed), ContinuousClock.now, processorSeconds())
        for task in tasks { try await task.value }
        let elapsed = (ContinuousClock.now - began) / .seconds(1)
        let patches = Double(counters.done.load(ordering: .relaxed) - first)
        let busy = (processorSeconds() - cpu) / elapsed
        print(
            "\(flows) flows, \(writers) writers, \(commits) commits at once, \(state) bytes:",
            "\(Int(patches / elapsed)) patches/s, \(Int(busy * 100)) % of a core in this process"
        )
        await client.close()
        await owner.close()
        workers.shutDown()
        pool.shutDown()
    }

    private func makeFlows(_ ledger: Ledger, _ tenant: Tenant) async throws -> [FlowID] {
        let pad = JSON(String(repeating: "x", count: state))
        var ids: [FlowID] = []
        for _ in 0..<flows {
            let flow = Flow(
                id: .generate(),
                type: Flow.externalType,
                title: "bench",
                status: .running,
                phase: nil,
                state: ["n": 0, "pad": pad],
                metadata: [:],
                input: nil,
                graph: nil,
                seq: 0,
                epoch: "e",
                run: nil,
                createdBy: "bench",
                createdAt: .now(),
                updatedAt: .now()
            )
            try await TenantContext.with(tenant.id) {
                try await ledger.create(flow, by: "bench") { $0.emit(["type": "RUN_STARTED"]) }
            }
            ids.append(flow.id)
        }
        return ids
    }

    private func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
