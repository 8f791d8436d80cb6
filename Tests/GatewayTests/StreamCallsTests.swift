import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Streams without a WebSocket.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct StreamCallsTests {
    private static func path(_ flow: String, _ query: String = "") -> String { "/v1/streams/flow%3A\(flow)\(query)" }

    /// Longer than the patches of these tests, so that patches are what a client gets.
    private static func state(_ n: Int) -> JSON {
        ["text": .string(String(repeating: "x", count: 4_000)), "n": JSON(n)]
    }

    private func set(_ n: Int, _ flow: String, _ world: World) async throws {
        let patch: JSON = [["op": "add", "path": "/n", "value": JSON(n)]]
        let answer = try await world.node.call(
            "PATCH",
            "/v1/flows/\(flow)/state",
            as: try await world.token(.agent),
            [("Content-Type", "application/json-patch+json")],
            body: patch.text
        )
        #expect(answer.status == 200)
    }

    private func poll(_ flow: String, since: String, _ world: World, wait: Int) async throws -> JSON {
        let query = "?since=\(since)&wait=\(wait)"
        return try await world.node.call("GET", Self.path(flow, query), as: try await world.token(.viewer)).json()
    }

    @Test func aStreamOfEventsSaysWhatAWebSocketWould() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow(Self.state(0))
            let viewer = try await world.token(.viewer)
            let first = try await EventReader.open(world.node, path: Self.path(flow), as: viewer)
            let begin = try await first.next()
            #expect(begin.name == "attach" && begin.data["mode"] == "snapshot")
            var replica = try Replica(begin.data)
            #expect(begin.id == "\(replica.epoch):1")
            for n in 1...3 { try await set(n, flow, world) }
            var last = begin
            while replica.seq < 4 {
                last = try await first.next()
                #expect(last.name == "event")
                try replica.apply(last.data)
            }
            #expect(last.id == "\(replica.epoch):4" && replica.document["state"] == Self.state(3))
            first.cut()

            for n in 4...6 { try await set(n, flow, world) }
            let second = try await EventReader.open(
                world.node,
                path: Self.path(flow, "?since=other:1"),
                as: viewer,
                [("Last-Event-ID", last.id)]
            )
            let resumed = try await second.next()
            #expect(resumed.name == "attach" && resumed.data["mode"] == "patches" && resumed.id == last.id)
            while replica.seq < 7 { try replica.apply(try await second.next().data) }
            #expect(replica.document["state"] == Self.state(6))
        }
    }

    @Test func aLargeDocumentComesInPartsAndItsPositionWithTheLast() async throws {
        try await World.run { world in
            // Characters of several bytes, which no piece may be cut in.
            let flow = try await world.makeFlow(["text": .string(String(repeating: "aé€😀", count: 20_000))])
            let reader = try await EventReader.open(
                world.node,
                path: Self.path(flow),
                as: try await world.token(.viewer)
            )
            let begin = try await reader.next()
            let count = try #require(begin.data["parts"]?.int)
            #expect(count > 4 && begin.id.isEmpty && begin.data["snapshot"] == nil)
            var replica = try Replica(begin.data)
            for part in 1...count {
                let event = try await reader.next()
                #expect(event.name == "snapshot" && event.id.isEmpty == (part < count))
                try replica.take(part: event.data)
            }
            #expect(replica.document["state"]?["text"]?.string?.count == 80_000)
        }
    }

    @Test func aLongPollIsAnsweredWhenThereIsNews() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow(Self.state(0))
            let viewer = try await world.token(.viewer)
            var replica = try Replica(try await world.node.call("GET", Self.path(flow), as: viewer).json())
            #expect(try await poll(flow, since: "\(replica.epoch):\(replica.seq)", world, wait: 0)["events"] == [])
            let held = "\(replica.epoch):\(replica.seq)"
            async let answer = poll(flow, since: held, world, wait: 30)
            try await set(1, flow, world)
            for event in try await answer["events"]?.array ?? [] { try replica.apply(event) }
            #expect(replica.seq == 2 && replica.document["state"] == Self.state(1))
            for n in 2...9 { try await set(n, flow, world) }
            while replica.seq < 10 {
                for event in try await poll(flow, since: "\(replica.epoch):\(replica.seq)", world, wait: 0)["events"]?
                    .array ?? []
                { try replica.apply(event) }
            }
            #expect(replica.document["state"] == Self.state(9))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aLongPollTellsNothingToWhoHasSignedOutMeanwhile() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow(Self.state(0))
            let token = try (try await world.login(.viewer).json()["access_token"]?.string).orThrow("no token")
            let held = try Replica(try await world.node.call("GET", Self.path(flow), as: token).json())
            let query = "?since=\(held.epoch):\(held.seq)&wait=30"
            async let answer = world.node.call("GET", Self.path(flow, query), as: token)
            let begun = "signalbox_stream_events_total{event=\"resumed\"} 1\n"
            while try await !world.node.call("GET", "/metrics").text.contains(begun) {}
            _ = try await world.node.call("POST", "/v1/auth/logout", as: token)
            try await set(1, flow, world)
            #expect(try await answer.status == 401)
        }
    }

    @Test func theListsCanBeFollowedToo() async throws {
        try await World.run { world in
            let viewer = try await world.token(.viewer)
            let path = "/v1/streams/flows?status=running"
            let reader = try await EventReader.open(world.node, path: path, as: viewer)
            var list = try Replica(try await reader.next().data)
            let flow = try await world.makeFlow()
            try list.apply(try await reader.next().data)
            #expect(list.document["items"]?[flow]?["status"] == "running")
            let waiting = try await world.node.call("GET", "/v1/streams/flows?status=waiting", as: viewer).json()
            #expect(waiting["snapshot"] == ["items": [:]])
        }
    }

    @Test func whatIsNoStreamIsRefused() async throws {
        try await SharedWorld.run { world in
            let viewer = try await world.token(.viewer)
            let accept = ("Accept", "text/event-stream")
            let none = Self.path(FlowID.generate().text)
            #expect(try await world.node.call("GET", none, as: viewer, [accept]).status == 404)
            #expect(try await world.node.call("GET", none, as: viewer).status == 404)
            #expect(try await world.node.call("GET", "/v1/streams/nothing", as: viewer).status == 404)
            #expect(try await world.node.call("GET", "/v1/streams/flows").status == 401)
            #expect(try await world.node.call("GET", "/v1/streams/flows?since=x", as: viewer).status == 400)
            #expect(try await world.node.call("GET", "/v1/streams/flows?wait=61", as: viewer).status == 400)
            let image = [("Accept", "image/png")]
            #expect(try await world.node.call("GET", "/v1/streams/flows", as: viewer, image).status == 406)
        }
    }
}
