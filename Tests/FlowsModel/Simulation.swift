import Approvals
public import Domain
import Flows
public import JSON
import Ledger
import Logging
import PropertySupport

/// One flow, run by processes that die and stall where a seed says, and what became of it.
public struct Simulation {
    /// What became of a flow.
    public struct Outcome: Equatable, CustomStringConvertible {
        /// The status.
        public let status: String
        /// What each round of each step came to.
        public let marks: JSON
        /// Each round of each step, with its status.
        public let steps: [String]
        /// What happened outside, by effect key.
        public let effects: Set<String>

        /// - Parameter effects: by `<step>/<round>/<name>`, of a flow that a step started behind it ` of ` and the same of that one.
        public init(flow: Flow, steps: [StepRecord], effects: Set<String>) {
            status = flow.status.rawValue
            let marks = flow.state["marks"]?.object ?? [:]
            self.marks = .object(JSONObject(marks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
            self.steps = steps.map { "\($0.name)#\($0.key.round) \($0.status)" }.sorted()
            self.effects = effects
        }

        /// For people.
        public var description: String {
            "\(status) \(marks.text) \(steps.joined(separator: ", ")); \(effects.sorted().joined(separator: ", "))"
        }
    }

    /// What must not be.
    public struct Violation: Error, CustomStringConvertible {
        /// What it is.
        public let description: String
    }

    /// What became of a run.
    public struct Report {
        /// Of the flow.
        public let outcome: Outcome
        /// Processes that died.
        public let deaths: Int
        /// Effects that were carried out again with the same key.
        public let repetitions: Int
    }

    private let flow: RandomFlow
    private let scheduler: Scheduler
    private let database: MemoryDatabase
    private let world: SimulatedWorld
    private var nodes: [SimulatedNode] = []
    private var deathsLeft: Int
    private let stalls: Bool

    /// Jobs after which a run counts as stuck.
    private static let patience = 400_000

    /// - Parameter deaths: how many processes die, at most.
    private init(_ flow: RandomFlow, schedule: UInt64, deaths: Int, stalls: Bool) {
        self.flow = flow
        self.stalls = stalls
        scheduler = Scheduler(seed: schedule)
        database = MemoryDatabase(scheduler)
        world = SimulatedWorld(database)
        deathsLeft = deaths
    }

    /// Runs the flow of a seed without an interruption, and again with some; both must come to the same.
    ///
    /// - Parameter deaths: how many processes die in the second run, at most.
    /// - Throws: ``Violation`` that names what is wrong.
    public static func check(seed: UInt64, deaths: Int = 4, stalls: Bool = true) throws -> Report {
        let flow = RandomFlow(seed: seed)
        var plain = Simulation(flow, schedule: seed, deaths: 0, stalls: false)
        let expected = try plain.run()
        guard expected.repetitions == 0 else { throw Violation(description: "effects were repeated without need") }
        var random = SeededGenerator(seed: seed ^ 0x5eed)
        var shaken = Simulation(
            flow,
            schedule: random.next(),
            deaths: Int.random(in: 1...max(1, deaths), using: &random),
            stalls: stalls && Bool.random(using: &random)
        )
        let found = try shaken.run()
        guard found.outcome == expected.outcome else {
            throw Violation(description: "expected \(expected.outcome)\nfound    \(found.outcome)")
        }
        return found
    }

    /// What the flow of a seed comes to.
    public static func outcome(seed: UInt64) throws -> Outcome {
        var plain = Simulation(RandomFlow(seed: seed), schedule: seed, deaths: 0, stalls: false)
        return try plain.run().outcome
    }

    private mutating func run() throws -> Report {
        for _ in 0...Int.random(in: 0...1, using: &scheduler.random) { try boot() }
        create()
        var root: FlowID?
        for step in 0..<Self.patience {
            guard scheduler.step() else { throw Violation(description: "nothing is left to run: \(standing(root))") }
            if let violation = world.violation { throw Violation(description: violation) }
            try replaceTheDead()
            if step % 8 == 0 { answer() }
            root = root ?? database.state.flows.values.first { $0.flow.parent == nil }?.flow.id
            guard let root, let stored = database.state.flows[root] else {
                if step % 512 == 511 { create() }
                continue
            }
            if stored.flow.status.isFinal {
                finish()
                return Report(outcome: try outcome(of: stored), deaths: deaths, repetitions: world.repetitions)
            }
        }
        throw Violation(description: "it does not end: \(standing(root))")
    }

    private var deaths: Int { database.dead.count }

    private func standing(_ root: FlowID?) -> String {
        guard let stored = root.flatMap({ database.state.flows[$0] }) else { return "no flow" }
        let steps = stored.steps.map { "\($0.name)#\($0.key.round) \($0.status)" }.joined(separator: ", ")
        return "\(stored.flow.status) \(steps) work \(String(describing: root.flatMap { database.state.work[$0] }))"
    }

    // MARK: Processes

    private mutating func boot() throws {
        let process = SimulatedProcess(number: Int64(nodes.count + 1), database: database)
        if deathsLeft > 0 {
            deathsLeft -= 1
            let commit = Int.random(in: 1...12, using: &scheduler.random)
            process.fate = Bool.random(using: &scheduler.random) ? .diesBefore(commit) : .diesAfter(commit)
        } else if stalls, nodes.count < 6 {
            process.fate = .stalls(at: Int.random(in: 1...12, using: &scheduler.random))
        }
        let node = try SimulatedNode(process, flow, world)
        nodes.append(node)
        scheduler.spawn { await node.engine.start() }
    }

    private mutating func replaceTheDead() throws {
        for node in nodes where !node.process.isAlive && database.dead.insert(node.process.number).inserted {
            scheduler.spawn { await node.engine.stop() }
            try boot()
        }
    }

    private var alive: [SimulatedNode] { nodes.filter(\.process.isAlive) }

    private func finish() {
        for node in nodes { scheduler.spawn { await node.engine.stop() } }
        // Those that are dead find nothing; nobody waits for them.
        for _ in 0..<2000 where !scheduler.step() { break }
    }

    // MARK: People

    private func create() {
        guard let node = alive.randomElement(using: &scheduler.random) else { return }
        let (principal, type) = (database.principal, flow.type)
        scheduler.spawn { [database] in
            await TenantContext.with(database.tenant) {
                guard database.state.flows.isEmpty else { return }
                try? await node.commands.create(
                    type: type,
                    title: nil,
                    state: nil,
                    metadata: nil,
                    input: nil,
                    by: principal,
                    channel: "model",
                    at: database.scheduler.now
                ) { _ in }
            }
        }
    }

    private func answer() {
        guard let node = alive.randomElement(using: &scheduler.random) else { return }
        let open = database.state.prompts.filter { $0.status.isPending && !world.answering.contains($0.id) }
        guard let prompt = open.randomElement(using: &scheduler.random) else { return }
        world.answering.insert(prompt.id)
        let decision = Decision(
            verb: flow.verb(for: prompt.step, titled: prompt.draft.title),
            response: nil,
            arguments: nil,
            reason: nil,
            shownDigest: prompt.shownDigest,
            version: nil,
            idempotencyKey: prompt.id.text
        )
        scheduler.spawn { [database, world] in
            await TenantContext.with(database.tenant) {
                _ = try? await node.approvals.decide(
                    prompt.id,
                    with: decision,
                    by: database.principal,
                    channel: "model",
                    at: database.scheduler.now
                )
            }
            world.answering.remove(prompt.id)
        }
    }

    // MARK: The end

    private func outcome(of stored: MemoryDatabase.Stored) throws -> Outcome {
        var state: JSON = [:]
        for (index, event) in stored.events.enumerated() {
            guard event.seq == Int64(index + 1) else { throw Violation(description: "a gap before \(event.seq)") }
            switch event.event["type"]?.string {
            case "STATE_SNAPSHOT": state = event.event["snapshot"] ?? .null
            case "STATE_DELTA": state = try JSONPatch(json: event.event["delta"] ?? .null).apply(to: state)
            default: break
            }
        }
        guard state == stored.flow.state else { throw Violation(description: "the events do not fold to the state") }
        guard database.state.prompts.allSatisfy({ !$0.status.isPending }) else {
            throw Violation(description: "a prompt is open although the flow has ended")
        }
        return Outcome(flow: stored.flow, steps: stored.steps, effects: world.effects)
    }
}
