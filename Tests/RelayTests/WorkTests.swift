import Approvals
import Domain
import FlowSupport
import Flows
import JSON
import Locking
import Reactor
import Redis
import TestSupport
import Testing

@testable import Relay

/// Processes on one database between which Redis spreads the flows. None looks at the queue by itself for an hour.
@Suite(
    .enabled(if: PostgresCluster.isAvailable && RedisServer.isAvailable, "PostgreSQL 15 or Redis is not installed"),
    .timeLimit(.minutes(2))
)
struct WorkTests {
    private struct Empty: Codable, Sendable {}

    /// A process.
    private struct Node {
        let bench: FlowBench
        let relay: WorkRelay

        func stop() async {
            await bench.stop()
            await relay.close()
        }
    }

    private struct World {
        let server: RedisServer
        let nodes: [Node]

        init(flowsAtOnce: Int = 1024, _ registry: FlowRegistry) async throws {
            let database = try await TestDatabase.make()
            let (server, tenant) = (try RedisServer(), try await database.makeTenant())
            var limits = FlowEngine.Limits()
            (limits.flows, limits.interval, limits.patience) = (flowsAtOnce, 3600, 7200)
            var nodes: [Node] = []
            for _ in 0..<2 {
                var options = RedisOptions()
                options.shortestBackoff = .milliseconds(1)
                options.longestBackoff = .milliseconds(20)
                options.heartbeat = .milliseconds(100)
                let relay = WorkRelay(
                    RedisGroup(
                        try RedisConfiguration("redis://127.0.0.1:\(server.port)"),
                        options: options,
                        worker: TestDatabase.workers.workers[0],
                        blockingPool: TestDatabase.blockingPool
                    )
                )
                let bench = try await FlowBench(
                    database,
                    tenant: tenant,
                    registry: registry,
                    publisher: relay,
                    limits: limits,
                    isCarried: { relay.isJoined }
                )
                let engine = bench.engine
                relay.join("work", room: { engine.room }, take: { engine.take($0) }, report: { _ in })
                nodes.append(Node(bench: bench, relay: relay))
            }
            (self.server, self.nodes) = (server, nodes)
            try await expect(joined: true)
        }

        func expect(joined: Bool) async throws {
            while nodes.contains(where: { $0.relay.isJoined != joined }) { await nodes[0].bench.rest(milliseconds: 2) }
        }

        func stop() async { for node in nodes { await node.stop() } }
    }

    private static func chain() throws -> FlowRegistry {
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Empty>("chain", initial: { _ in Empty() }) { flow in
                let first = flow.start("first") { context in
                    try await context.sleep(for: .milliseconds(5))
                    return 1
                }
                flow.listen("second", to: first) { _, number in number + 1 }
            }
        )
        return registry
    }

    @Test func flowsAreSpreadOverTheNodes() async throws {
        let world = try await World(flowsAtOnce: 4, try Self.chain())
        var flows: [FlowID] = []
        for _ in 0..<60 { flows.append(try await world.nodes[0].bench.start("chain").id) }
        for flow in flows { _ = try await world.nodes[1].bench.wait(for: .succeeded, of: flow) }
        let taken = world.nodes.map { $0.bench.engine.counters[.taken] }
        #expect(taken.reduce(0, +) >= 60)
        #expect(taken.allSatisfy { $0 > 0 }, "\(taken)")
        let told = world.nodes.map { $0.relay.connections[.received] }
        #expect(told.allSatisfy { $0 > 0 }, "\(told)")
        await world.stop()
    }

    /// What is new of a flow concerns the process that has it, whoever else may be told of work.
    @Test func whoRunsAFlowIsToldOfAnswersByOthers() async throws {
        let (gate, heard) = (Gate(), Gate())
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Empty>("held", initial: { _ in Empty() }) { flow in
                flow.start("hold") { _ in
                    await gate.pass()
                    return true
                }
                let begun = flow.start("begin") { _ in true }
                let asked = flow.ask("ask", after: begun) { _, _ in
                    PromptDraft(kind: .confirmation, title: "Go on?", message: "", shown: [:], allowed: [.approve])
                }
                flow.listen("hear", to: asked) { _, answer in
                    heard.open()
                    return answer.verb
                }
            }
        )
        let world = try await World(registry)
        let flow = try await world.nodes[0].bench.start("held")
        let prompt = try await world.nodes[0].bench.prompt("ask", of: flow.id)
        let isFirst = world.nodes[0].bench.engine.counters.running == 1
        try await world.nodes[isFirst ? 1 : 0].bench.decide(prompt, .approve)
        await heard.pass()
        gate.open()
        _ = try await world.nodes[0].bench.wait(for: .succeeded, of: flow.id)
        await world.stop()
    }

    @Test func whatANodeGivesBackWhenItEndsIsTakenAtOnce() async throws {
        let gate = Gate()
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Empty>("held", initial: { _ in Empty() }) { flow in
                flow.start("hold") { context in
                    if context.attempt == 1 { try await Task.sleep(for: .seconds(3600)) }
                    gate.open()
                    return true
                }
            }
        )
        let world = try await World(registry)
        let flow = try await world.nodes[0].bench.start("held")
        try await world.nodes[0].bench.step("hold", is: .running, in: flow.id)
        let isFirst = world.nodes[0].bench.engine.counters.running == 1
        let (ending, staying) = (world.nodes[isFirst ? 0 : 1], world.nodes[isFirst ? 1 : 0])
        await ending.relay.close()
        await ending.bench.stop()
        await gate.pass()
        _ = try await staying.bench.wait(for: .succeeded, of: flow.id)
        await staying.stop()
    }

    @Test func withoutRedisTheDatabaseTellsEverybody() async throws {
        let world = try await World(try Self.chain())
        world.server.kill()
        try await world.expect(joined: false)
        let flow = try await world.nodes[0].bench.start("chain")
        _ = try await world.nodes[1].bench.wait(for: .succeeded, of: flow.id)
        try world.server.start()
        try await world.expect(joined: true)
        let later = try await world.nodes[1].bench.start("chain")
        _ = try await world.nodes[0].bench.wait(for: .succeeded, of: later.id)
        await world.stop()
    }
}
