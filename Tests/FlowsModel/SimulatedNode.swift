import Approvals
import Domain
import Flows
import Ledger
import Logging
import PropertySupport

/// A process that may die or stall at one of its commits.
final class SimulatedProcess: @unchecked Sendable {
    enum Fate {
        case lives
        case diesBefore(Int)
        case diesAfter(Int)
        /// Is stopped for longer than its lease, then goes on.
        case stalls(at: Int)
    }

    let number: Int64
    let database: MemoryDatabase
    var fate = Fate.lives
    private(set) var isAlive = true
    private(set) var hasStalled = false
    private var commitCount = 0
    private var stoppedUntil = Timestamp(microseconds: 0)

    init(number: Int64, database: MemoryDatabase) {
        self.number = number
        self.database = database
    }

    /// Comes to a place where others may come first, where a stopped process stands still and a dead one goes no further.
    func reach() async throws {
        if Int.random(in: 0..<3, using: &database.scheduler.random) == 0 { await database.scheduler.pause() }
        while isAlive, stoppedUntil > database.scheduler.now {
            // Whoever is cancelled meanwhile does not notice while it is stopped.
            await database.scheduler.standStill(until: stoppedUntil)
        }
        guard isAlive else { throw StoreError.unavailable("the process is dead") }
    }

    /// A commit is about to happen.
    func commits() throws {
        commitCount += 1
        switch fate {
        case .diesBefore(commitCount):
            isAlive = false
            throw StoreError.unavailable("the process is dead")
        case .diesAfter(commitCount):
            isAlive = false
            throw DiedAfterCommit()
        case .stalls(at: commitCount):
            hasStalled = true
            stoppedUntil = database.scheduler.now.adding(seconds: 45)
        case .lives, .diesBefore, .diesAfter, .stalls:
            break
        }
    }
}

/// A process with its engine.
struct SimulatedNode: Sendable {
    let process: SimulatedProcess
    let engine: FlowEngine
    let commands: FlowCommands
    let approvals: Approvals

    init(_ process: SimulatedProcess, _ flow: RandomFlow, _ world: SimulatedWorld) throws {
        self.process = process
        let scheduler = process.database.scheduler
        let store = MemoryStore(database: process.database, process: process)
        let ledger = Ledger(store: store, publisher: Nobody()) { scheduler.spawn($0) }
        var registry = FlowRegistry()
        let reach = Reach(world: world, process: process)
        try flow.register(in: &registry, world: reach, pace: .simulated)
        try RandomFlow.registerChild(in: &registry, world: reach)
        engine = FlowEngine(
            ledger: ledger,
            queue: store,
            registry: registry,
            owner: process.number,
            environment: scheduler.environment,
            logger: Logger(label: "model") { _ in SwiftLogNoOpLogHandler() }
        )
        commands = FlowCommands(ledger: ledger, registry: registry, engine: engine)
        approvals = Approvals(ledger: ledger, effect: engine)
    }
}

private struct Nobody: CommitPublisher {
    func publish(_ committed: Committed) {}
}

/// What happens outside, which outlives every process.
final class SimulatedWorld: @unchecked Sendable {
    private let database: MemoryDatabase
    private(set) var effects: Set<String> = []
    private(set) var repetitions = 0
    private(set) var violation: String?
    /// Prompts that somebody is about to answer.
    var answering: Set<PromptID> = []

    init(_ database: MemoryDatabase) { self.database = database }

    func act(_ key: EffectKey, by process: SimulatedProcess) {
        // Ids are others in each run.
        let parts = key.text.split(separator: "/", maxSplits: 1).map(String.init)
        guard let flow = parts.first.flatMap(FlowID.init), let stored = database.state.flows[flow] else {
            violation = "an effect of no flow: \(key)"
            return
        }
        let name = (parts.last ?? "") + (stored.flow.parent == nil ? "" : " of \(parent(flow))")
        if !effects.insert(name).inserted { repetitions += 1 }
        let isKept = stored.effects.contains {
            $0.isDone && key.text == "\(flow)/\($0.step.name)/\($0.step.round)/\($0.name)"
        }
        if isKept, !process.hasStalled { violation = "\(key) was done again although the journal has it" }
    }

    /// The effect of the parent that a flow is.
    private func parent(_ flow: FlowID) -> String {
        for stored in database.state.flows.values {
            if let effect = stored.effects.first(where: { $0.flow == flow }) {
                return "\(effect.step.name)/\(effect.step.round)/\(effect.name)"
            }
        }
        return "nobody"
    }
}

/// The way from a process to the world.
private struct Reach: OutsideWorld {
    let world: SimulatedWorld
    let process: SimulatedProcess

    func act(_ key: EffectKey) async throws {
        try await process.reach()
        world.act(key, by: process)
        try await process.reach()
    }
}

extension MemoryDatabase {
    /// Somebody who may do everything.
    var principal: Principal {
        Principal(
            tenant: Tenant(id: tenant, name: "model"),
            subject: "somebody",
            displayName: "Somebody",
            roles: [.reviewer, .operator],
            session: nil,
            expiresAt: Timestamp(microseconds: .max)
        )
    }
}
