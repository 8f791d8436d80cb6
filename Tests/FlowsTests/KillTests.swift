import Approvals
import Domain
import FlowSupport
import Flows
import FlowsModel
import Foundation
import JSON
import Locking
import PropertySupport
import TestSupport
import Testing

/// Real processes on a real database, killed and stopped where chance has it. `SIGNALBOX_KILLS` says how often.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(10))) struct KillTests {
    private static let kills = ProcessInfo.processInfo.environment["SIGNALBOX_KILLS"].flatMap(Int.init) ?? 30
    private static let seeds = 40

    @Test func flowsComeToTheSameThroughKills() async throws {
        try await run(kills: Self.kills, stops: 0)
    }

    /// A stopped process keeps its connections; it goes on when its flows are somebody else's.
    @Test func aStoppedProcessThatGoesOnCommitsNothing() async throws {
        try await run(kills: 0, stops: 5)
    }

    private func run(kills: Int, stops: Int) async throws {
        let database = try await TestDatabase.make()
        let tenant = try await database.makeTenant()
        var registry = FlowRegistry()
        let nothing = Nothing()
        for seed in 0..<UInt64(Self.seeds) {
            try RandomFlow(seed: seed).register(in: &registry, world: nothing, pace: .quick)
        }
        try RandomFlow.registerChild(in: &registry, world: nothing)
        // Starts flows and answers questions; runs nothing.
        var idle = FlowEngine.Limits()
        idle.flows = 0
        let bench = try await FlowBench(database, tenant: tenant, registry: registry, limits: idle)
        let lab = try Lab(database, seeds: Self.seeds)
        defer { lab.end() }
        let chance = UInt64.random(in: 0...999_999)
        var random = SeededGenerator(seed: chance)
        var flows: [(seed: UInt64, id: FlowID)] = []
        var left = (kills: kills, stops: stops)
        var isOver = false
        while !isOver {
            if left.kills + left.stops > 0 || flows.isEmpty {
                let seed = UInt64(flows.count % Self.seeds)
                flows.append((seed, try await bench.start(RandomFlow(seed: seed).type).id))
            }
            if left.kills > 0 {
                left.kills -= 1
                try lab.kill(using: &random)
            } else if left.stops > 0 {
                left.stops -= 1
                try await lab.stop(using: &random)
            }
            try await answer(bench, flows)
            await bench.rest(milliseconds: Int.random(in: 10...250, using: &random))
            guard left.kills + left.stops == 0 else { continue }
            isOver = true
            for (_, id) in flows where try await !bench.flow(id).status.isFinal { isOver = false }
        }
        let seen = try await lab.seen(bench)
        for (seed, id) in flows {
            let expected = try Simulation.outcome(seed: seed)
            let found = Simulation.Outcome(
                flow: try await bench.flow(id),
                steps: try await bench.steps(id),
                effects: seen[id] ?? []
            )
            #expect(found == expected, "flow \(seed), chance \(chance)")
        }
        await bench.stop()
    }

    private func answer(_ bench: FlowBench, _ flows: [(seed: UInt64, id: FlowID)]) async throws {
        for (seed, id) in flows {
            for prompt in try await bench.openPrompts(id) {
                let verb = RandomFlow(seed: seed).verb(for: prompt.step, titled: prompt.draft.title)
                do { try await bench.decide(prompt, verb, key: prompt.id.text) } catch is ApprovalError {
                    // Its flow has failed meanwhile.
                }
            }
        }
    }
}

private struct Nothing: OutsideWorld {
    func act(_ key: EffectKey) async throws {}
}

/// Two processes, and what they did outside.
private final class Lab {
    private let database: TestDatabase
    private let seeds: Int
    private let witness: URL
    private var processes: [Process] = []

    init(_ database: TestDatabase, seeds: Int) throws {
        self.database = database
        self.seeds = seeds
        witness = FileManager.default.temporaryDirectory.appending(path: "witness-\(UUID().uuidString)")
        for _ in 0..<2 { processes.append(try start()) }
    }

    private func start() throws -> Process {
        let process = Process()
        process.executableURL = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "flowlab")
        process.arguments = [
            database.url, "--witness", witness.path, "--seeds", String(seeds), "--patience", "2",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    func kill(using random: inout some RandomNumberGenerator) throws {
        let index = Int.random(in: processes.indices, using: &random)
        Foundation.kill(processes[index].processIdentifier, SIGKILL)
        processes[index].waitUntilExit()
        processes[index] = try start()
    }

    /// Stops one for longer than the others are patient.
    func stop(using random: inout some RandomNumberGenerator) async throws {
        let process = processes[Int.random(in: processes.indices, using: &random)]
        Foundation.kill(process.processIdentifier, SIGSTOP)
        try await Task.sleep(for: .seconds(4))
        Foundation.kill(process.processIdentifier, SIGCONT)
    }

    func end() {
        for process in processes {
            Foundation.kill(process.processIdentifier, SIGCONT)
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: witness)
    }

    /// What happened outside, for each flow, with that of the flows that it started.
    func seen(_ bench: FlowBench) async throws -> [FlowID: Set<String>] {
        var seen: [FlowID: Set<String>] = [:]
        for line in try String(contentsOf: witness, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, let id = FlowID(parts[0]) else { continue }
            let flow = try await bench.flow(id)
            if let parent = flow.parent?.flow {
                let effect = try await bench.effects(parent).first { $0.flow == id }
                let name = effect.map { "\($0.step.name)/\($0.step.round)/\($0.name)" } ?? "nobody"
                seen[parent, default: []].insert("\(parts[1]) of \(name)")
            } else {
                seen[id, default: []].insert(parts[1])
            }
        }
        return seen
    }
}
