import Domain
import FlowSupport
import Flows
import JSON
import Persistence
import Reactor
import Streams
import TestSupport
import Testing

@testable import Relay

/// Two nodes on one database, with a Redis between them.
@Suite(
    .enabled(if: PostgresCluster.isAvailable && RedisServer.isAvailable, "PostgreSQL 15 or Redis is not installed"),
    .timeLimit(.minutes(1))
)
struct NodesTests {
    private struct World {
        let database: TestDatabase
        let server: RedisServer
        let writing: Node
        let watching: Node
        let bench: FlowBench

        init(isDeaf: Bool, channel: String? = nil) async throws {
            database = try await TestDatabase.make()
            server = try RedisServer()
            let url = "redis://127.0.0.1:\(server.port)"
            writing = try await Node(database, redis: url, isDeaf: false)
            watching = try await Node(database, redis: url, channel: channel, isDeaf: isDeaf)
            bench = try await FlowBench(
                database,
                tenant: try await database.makeTenant(),
                registry: FlowRegistry(),
                publisher: writing.publisher
            )
            for node in [writing, watching] { #expect(await node.nextEvent() == .connected) }
        }

        func patch(_ flow: Flow, _ value: Int) async throws {
            let patch = try JSONPatch(json: [["op": "add", "path": JSON("/k\(value % 7)"), "value": JSON(value)]])
            let bot = bench.principal("bot", [.agent])
            _ = try await bench.within {
                try await bench.commands.change(flow.id, .patch(patch), ifSeq: nil, by: bot)
            }
        }

        /// Waits for all of a flow, and checks it.
        func settle(_ shown: Shown, on flow: Flow) async throws {
            let stored = try await bench.flow(flow.id)
            await watching.wait(shown, until: stored.seq)
            #expect(shown.now.position == Position(epoch: stored.epoch, seq: stored.seq))
            #expect(shown.now.document["state"] == stored.state)
            #expect(shown.now.gaps == 0)
        }

        func stop() async {
            await bench.stop()
            for node in [writing, watching] { await node.stop() }
        }
    }

    /// The other node hears nothing from the database: whatever comes, comes through Redis.
    @Test func eventsAndListsComeWithoutARead() async throws {
        let world = try await World(isDeaf: true)
        let flow = try await world.bench.start(Flow.externalType)
        let shown = await world.watching.watch(.flow(flow.id), of: world.bench.tenant)
        let list = await world.watching.watch(
            .flows,
            of: world.bench.tenant,
            filter: .flows(status: nil, type: nil)
        )
        for value in 0..<100 { try await world.patch(flow, value) }
        try await world.settle(shown, on: flow)
        let other = try await world.bench.start(Flow.externalType)
        await world.watching.wait(list, until: list.now.position.seq + 1)
        #expect(list.now.document["items"]?[other.id.text] != nil)
        #expect(world.watching.streams.counters[.entriesRead] == 0)
        #expect(world.watching.relay.counters[.malformed] == 0)
        // Its own words come back to it, and are nothing new.
        #expect(world.writing.relay.counters[.taken] == 0)
        await world.stop()
    }

    @Test func commitsThatMeetShareNothingButTheWay() async throws {
        let world = try await World(isDeaf: true)
        var flows: [(Flow, Shown)] = []
        for _ in 0..<8 {
            let flow = try await world.bench.start(Flow.externalType)
            flows.append((flow, await world.watching.watch(.flow(flow.id), of: world.bench.tenant)))
        }
        try await withThrowingTaskGroup { group in
            for (flow, _) in flows {
                group.addTask { for value in 0..<30 { try await world.patch(flow, value) } }
            }
            try await group.waitForAll()
        }
        for (flow, shown) in flows { try await world.settle(shown, on: flow) }
        #expect(world.watching.streams.counters[.entriesRead] == 0)
        await world.stop()
    }

    @Test func withoutRedisEverythingComesThroughTheDatabase() async throws {
        let world = try await World(isDeaf: false)
        let flow = try await world.bench.start(Flow.externalType)
        let shown = await world.watching.watch(.flow(flow.id), of: world.bench.tenant)
        for value in 0..<20 { try await world.patch(flow, value) }
        try await world.settle(shown, on: flow)

        world.server.kill()
        guard case .disconnected = await world.watching.nextEvent() else {
            Issue.record("the end of Redis was not told")
            return
        }
        let reads = world.watching.streams.counters[.entriesRead]
        for value in 20..<40 { try await world.patch(flow, value) }
        try await world.settle(shown, on: flow)
        #expect(world.watching.streams.counters[.entriesRead] > reads)

        try world.server.start()
        for node in [world.writing, world.watching] {
            while await node.nextEvent() != .connected {}
        }
        let taken = world.watching.relay.counters[.taken]
        for value in 40..<60 { try await world.patch(flow, value) }
        try await world.settle(shown, on: flow)
        while world.watching.relay.counters[.taken] < taken + 20 {
            await world.watching.worker.sleep(for: .milliseconds(1))
        }
        await world.stop()
    }

    @Test func aRedisThatStandsStillHoldsNobodyUp() async throws {
        let world = try await World(isDeaf: false)
        let flow = try await world.bench.start(Flow.externalType)
        let shown = await world.watching.watch(.flow(flow.id), of: world.bench.tenant)
        world.server.pause()
        for value in 0..<50 { try await world.patch(flow, value) }
        try await world.settle(shown, on: flow)
        #expect(world.watching.streams.counters[.entriesRead] > 0)
        // What was held back comes late and is known already.
        world.server.resume()
        for value in 50..<60 { try await world.patch(flow, value) }
        try await world.settle(shown, on: flow)
        await world.stop()
    }

    /// Another database, or a copy: its events are not for this one, though it may have the same flow.
    @Test func whoIsElsewhereHearsNothing() async throws {
        let world = try await World(isDeaf: true, channel: "copy")
        let flow = try await world.bench.start(Flow.externalType)
        let shown = await world.watching.watch(.flow(flow.id), of: world.bench.tenant)
        for value in 0..<20 { try await world.patch(flow, value) }
        #expect(try world.server.cli("PUBSUB", "CHANNELS").split(separator: "\n").count == 2)
        await world.stop()
        #expect(world.watching.relay.counters[.taken] == 0 && shown.now.events == 0)
    }

    @Test func strangeMessagesAreCountedAndPassedOver() async throws {
        let world = try await World(isDeaf: true)
        let channel = try await world.database.store.instanceName()
        for text in ["", "nonsense", "1 5\n{}", "2 5\n{}"] { try world.server.cli("PUBLISH", channel, text) }
        let flow = try await world.bench.start(Flow.externalType)
        let shown = await world.watching.watch(.flow(flow.id), of: world.bench.tenant)
        try await world.patch(flow, 1)
        try await world.settle(shown, on: flow)
        #expect(world.watching.relay.counters[.malformed] == 3)
        #expect(world.watching.relay.counters[.unknownVersion] == 1)
        await world.stop()
    }

    /// The other node reads what does not fit a message.
    @Test func whatIsTooLargeIsReadInstead() async throws {
        let world = try await World(isDeaf: false)
        let flow = try await world.bench.start(Flow.externalType)
        let shown = await world.watching.watch(.flow(flow.id), of: world.bench.tenant)
        let large = JSON(String(repeating: "x", count: RelayMessage.limit))
        let patch = try JSONPatch(json: [["op": "add", "path": "/large", "value": large]])
        let bot = world.bench.principal("bot", [.agent])
        _ = try await world.bench.within {
            try await world.bench.commands.change(flow.id, .patch(patch), ifSeq: nil, by: bot)
        }
        try await world.settle(shown, on: flow)
        #expect(world.writing.relay.counters[.tooLarge] == 1)
        await world.stop()
    }
}
