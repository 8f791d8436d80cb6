// flowlab: a process that runs random flows on a real database, to be killed and stopped by a test. What its steps do outside
// is a line in a file.

import ArgumentParser
import Domain
import Flows
import FlowsModel
import Foundation
import JSON
import Ledger
import Locking
import Persistence
import Postgres
import Reactor

@main
struct FlowLab: AsyncParsableCommand {
    @Argument(help: "The database, as the application.")
    var url: String
    @Option(help: "The file that sees what happens outside.")
    var witness: String
    @Option(help: "Seeds of the types, from the first one on.")
    var seeds = 1
    @Option(help: "Seconds without a sign of life after which another process takes over.")
    var patience = 10

    func run() async throws {
        let workers = try WorkerGroup(count: 1)
        let pool = BlockingPool()
        let client = PostgresClient(
            try PostgresConfiguration(url),
            options: PostgresStore.options(),
            workers: workers,
            blockingPool: pool
        )
        let store = PostgresStore(client)
        let world = try FileWorld(witness)
        var registry = FlowRegistry()
        for seed in 0..<UInt64(seeds) {
            try RandomFlow(seed: seed).register(in: &registry, world: world, pace: .quick)
        }
        try RandomFlow.registerChild(in: &registry, world: world)
        let listener = StoreListener(client)
        var limits = FlowEngine.Limits()
        (limits.patience, limits.interval) = (patience, 1)
        let ledger = Ledger(store: store, publisher: Nobody()) { [workers] in workers.local.spawn($0) }
        let engine = FlowEngine(ledger: ledger, queue: store, registry: registry, owner: listener.node, limits: limits)
        try await listener.start { engine.heard($0) }
        await engine.start()
        print("ready")
        fflush(nil)
        // Until somebody kills it.
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}

private struct Nobody: CommitPublisher {
    func publish(_ committed: Committed) {}
}

/// Each effect is a line, written at once and whole: `O_APPEND` makes it one after the other of all processes.
private final class FileWorld: OutsideWorld {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
    }

    func act(_ key: EffectKey) async throws {
        let line = Array("\(key.text)\n".utf8)
        guard write(descriptor, line, line.count) == line.count else { throw POSIXError(.EIO) }
    }
}
