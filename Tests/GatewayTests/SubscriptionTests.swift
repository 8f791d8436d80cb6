import Domain
import JSON
import Server
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct SubscriptionTests {
    @Test func nothingIsMissedBetweenTheAnswerAndTheFirstEvent() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow(["n": 0])
            let agent = try await world.token(.agent)
            let viewer = try await world.token(.viewer)
            let patches = 60
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    let writer = try await world.node.connect(as: agent)
                    for n in 1...patches {
                        let patch: JSON = [["op": "replace", "path": "/n", "value": JSON(n)]]
                        _ = try await writer.request("patch", ["flow": .string(flow), "patch": patch])
                    }
                    return 0
                }
                // Subscribers come at any time while the flow changes.
                for _ in 0..<12 {
                    group.addTask {
                        let reader = try await world.node.connect(as: viewer)
                        var replica = try await Replica(reader, "flow:\(flow)")
                        while replica.document["state"]?["n"]?.int != patches {
                            try replica.apply(try await reader.notification("event"))
                        }
                        return replica.seq
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.filter { $0 == patches + 1 }.count == 12)
        }
    }

    @Test func aClientResumesFromWhereItStands() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow(["text": .string(String(repeating: "x", count: 20_000))])
            let agent = try await world.node.connect(as: try await world.token(.agent))
            let stream: JSON = .string("flow:\(flow)")
            let viewer = try await world.token(.viewer)
            let first = try await world.node.connect(as: viewer)
            var replica = try await Replica(first, "flow:\(flow)")
            first.cut()
            for n in 1...5 { try await patch(agent, flow, n) }

            let second = try await world.node.connect(as: viewer)
            let answer = try await second.request("subscribe", ["stream": stream, "since": replica.position])
            #expect(answer["mode"] == "patches" && answer["seq"] == JSON(replica.seq))
            while replica.seq < 6 { try replica.apply(try await second.notification("event")) }
            #expect(replica.document["state"]?["n"] == 5)

            // A position of another epoch is no position.
            let elsewhere: JSON = ["epoch": "another", "seq": 3]
            let whole = try await second.request("subscribe", ["stream": stream, "since": elsewhere])
            #expect(whole["mode"] == "snapshot" && whole["seq"] == 6)
            let again = try await second.request("resync", ["stream": stream])
            #expect(again["mode"] == "snapshot")
            let metrics = try await world.node.call("GET", "/metrics").text
            #expect(metrics.contains("signalbox_stream_events_total{event=\"resynchronised\"} 1\n"))
            // The stream was subscribed three times on this connection and is delivered once.
            try await patch(agent, flow, 6)
            _ = try await second.notification("event")
            #expect(try await second.request("ping", [:])["time"] != nil)
            try await patch(agent, flow, 7)
            #expect(try await second.notification("event")["seq"] == 8)
        }
    }

    @Test func aSlowReaderGetsEverythingInTheEnd() async throws {
        try await World.run { configuration, server in
            server.writeBudget = 64 << 10
        } _: { world in
            let flow = try await world.makeFlow()
            let agent = try await world.node.connect(as: try await world.token(.agent))
            let reader = try await world.node.connect(as: try await world.token(.viewer))
            var replica = try await Replica(reader, "flow:\(flow)")
            let filler = String(repeating: "y", count: 100_000)
            var messages = 0
            // Far more than the budget and the kernel's buffers hold, while nobody reads.
            for n in 1...120 {
                let patch: JSON = [["op": "add", "path": "/n", "value": [JSON(n), .string(filler)]]]
                _ = try await agent.request("patch", ["flow": .string(flow), "patch": patch])
            }
            while replica.document["state"]?["n"]?[0] != 120 {
                try await replica.follow(reader)
                messages += 1
            }
            #expect(replica.seq == 121)
            #expect(messages < 120, "What waited was folded, or a document took its place.")
        }
    }

    @Test func theListsAreLive() async throws {
        try await World.run { world in
            let reviewer = try await world.node.connect(as: try await world.token(.reviewer))
            var flows = try Replica(try await reviewer.request("subscribe", ["stream": "flows"]))
            let viewer = try await world.node.connect(as: try await world.token(.viewer))
            var inbox = try Replica(try await viewer.request("subscribe", ["stream": "prompts"]))
            let flow = try await world.makeFlow()
            try flows.apply(try await reviewer.notification("event"))
            #expect(flows.document["items"]?[flow]?["type"] == "external")
            let prompt = try await world.ask(flow)
            // Not a viewer's to decide: the list goes on without showing it.
            try inbox.apply(try await viewer.notification("event"))
            #expect(inbox.document == ["items": [:]])
            let own = try Replica(try await reviewer.request("subscribe", ["stream": "prompts"]))
            #expect(own.document["items"]?[prompt["id"]?.string ?? ""] == prompt)
        }
    }

    @Test func aBatchIsAnsweredBeforeItsStreamsBegin() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow()
            let client = try await world.node.connect(as: try await world.token(.agent))
            let stream = "flow:\(flow)"
            let patch: JSON = [["op": "add", "path": "/a", "value": 1]]
            try await client.send([
                ["jsonrpc": "2.0", "id": "s", "method": "subscribe", "params": ["stream": .string(stream)]],
                ["jsonrpc": "2.0", "id": "p", "method": "patch", "params": ["flow": .string(flow), "patch": patch]],
                ["jsonrpc": "2.0", "id": "x", "method": "no.such"],
                ["jsonrpc": "2.0", "method": "ping"],
                1,
            ])
            let answers = try #require(try await client.next().array)
            #expect(answers.count == 4)
            func answer(_ id: JSON) -> JSON? { answers.first { $0["id"] == id } }
            #expect(answer("x")?["error"]?["code"] == -32601)
            #expect(answer(.null)?["error"]?["code"] == -32600)
            #expect(answer("p")?["result"]?["seq"] == 2)
            var replica = try Replica(try #require(answer("s")?["result"]))
            if replica.seq == 1 { try replica.apply(try await client.notification("event")) }
            #expect(replica.document["state"]?["a"] == 1)
        }
    }

    @Test func subscriptionsHaveALimit() async throws {
        try await World.run { configuration, _ in
            configuration.maximumSubscriptions = 2
        } _: { world in
            let client = try await world.node.connect(as: try await world.token(.viewer))
            _ = try await client.request("subscribe", ["stream": "flows"])
            _ = try await client.request("subscribe", ["stream": "prompts"])
            let flow = try await world.makeFlow()
            let name: JSON = .string("flow:\(flow)")
            #expect(try await client.refusal("subscribe", ["stream": name]) == "too_many_requests")
            _ = try await client.request("unsubscribe", ["stream": "flows"])
            #expect(try await client.request("subscribe", ["stream": name])["mode"] == "snapshot")
        }
    }

    private func patch(_ agent: RPCClient, _ flow: String, _ n: Int) async throws {
        let patch: JSON = [["op": "add", "path": "/n", "value": JSON(n)]]
        _ = try await agent.request("patch", ["flow": .string(flow), "patch": patch])
    }
}
