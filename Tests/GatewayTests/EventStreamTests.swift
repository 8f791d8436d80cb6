import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct EventStreamTests {
    @Test func anEventStreamIsResumedByItsLastEvent() async throws {
        try await World.run { configuration, _ in
            configuration.eventStreamHeartbeat = .milliseconds(50)
        } _: { world in
            let flow = try await world.makeFlow(["n": 0])
            let viewer = try await world.token(.viewer)
            let agent = try await world.token(.agent)
            let first = try await EventReader.open(world.node, flow, as: viewer)
            let begin = try await first.next()
            #expect(begin.data["type"] == "STATE_SNAPSHOT" && begin.data["snapshot"] == ["n": 0])
            #expect(begin.data["metadata"]?["signalbox"]?["seq"] == 1)
            for n in 1...3 { try await set(n, flow, world, agent) }
            var last = begin
            for n in 1...3 {
                last = try await first.next()
                #expect(last.data["delta"]?[0]?["value"] == JSON(n))
            }
            let digest = (["n": 3] as JSON).digest
            #expect(last.data["metadata"]?["signalbox"]?["digest"]?.string == digest)
            try await first.waitForComment()
            first.cut()
            for n in 4...6 { try await set(n, flow, world, agent) }
            let second = try await EventReader.open(world.node, flow, as: viewer, [("Last-Event-ID", last.id)])
            for n in 4...6 { #expect(try await second.next().data["delta"]?[0]?["value"] == JSON(n)) }
            // Another epoch is another log: the whole document, and on from there.
            let third = try await EventReader.open(world.node, flow, as: viewer, [("Last-Event-ID", "other:3")])
            let whole = try await third.next()
            #expect(whole.data["snapshot"] == ["n": 6] && whole.data["metadata"]?["signalbox"]?["seq"] == 7)
            #expect(whole.data["metadata"]?["signalbox"]?["patch"]?[0]?["value"]?["id"]?.string == flow)
        }
    }

    @Test func anEventStreamEndsWithItsSession() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow()
            let token = try (try await world.login(.viewer).json()["access_token"]?.string).orThrow("no token")
            let reader = try await EventReader.open(world.node, flow, as: token)
            _ = try await reader.next()
            _ = try await world.node.call("POST", "/v1/auth/logout", as: token)
            await #expect(throws: (any Error).self) { try await reader.next() }
        }
    }

    @Test func whatCannotBeStreamedIsRefusedBeforehand() async throws {
        try await SharedWorld.run { world in
            let viewer = try await world.token(.viewer)
            let accept = ("Accept", "text/event-stream")
            let path = "/v1/flows/\(FlowID.generate())/events"
            #expect(try await world.node.call("GET", path, as: viewer, [accept]).status == 404)
            let flow = try await world.makeFlow()
            let bad = [accept, ("Last-Event-ID", "nonsense")]
            #expect(try await world.node.call("GET", "/v1/flows/\(flow)/events", as: viewer, bad).status == 400)
            let image = [("Accept", "image/png")]
            #expect(try await world.node.call("GET", "/v1/flows/\(flow)/events", as: viewer, image).status == 406)
        }
    }

    private func set(_ n: Int, _ flow: String, _ world: World, _ agent: String) async throws {
        let body: JSON = ["n": JSON(n)]
        let answer = try await world.node.call("PUT", "/v1/flows/\(flow)/state", as: agent, body: body.text)
        #expect(answer.status == 200)
    }
}
