import Domain
import JSON
import Persistence
import TestSupport
import Testing

@testable import Gateway

/// A tenant that is moved to another database while people watch.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"), .timeLimit(.minutes(2)))
struct MovedTenantTests {
    @Test func aWatcherGoesOnWithoutAGap() async throws {
        let (here, there) = (try await TestDatabase.make(), try await TestDatabase.make())
        let acme = try await here.makeTenant("acme")
        let node = try await Node.start(on: here, there)
        let world = World(database: here, node: node, acme: acme, globex: acme)
        let flow = try await world.makeFlow(["n": 0])
        let agent = try await world.token(.agent)
        func patch(_ n: Int) async throws -> HTTPAnswer {
            let merge = ("Content-Type", "application/merge-patch+json")
            return try await node.call("PATCH", "/v1/flows/\(flow)/state", as: agent, [merge], body: "{\"n\": \(n)}")
        }
        let client = try await node.connect(as: try await world.token(.viewer))
        var replica = try await Replica(client, "flow:\(flow)")
        #expect(try await patch(1).status == 200)
        while replica.seq < 2 { try replica.apply(try await client.notification("event")) }

        let databases = [("db0", here), ("db1", there)].map { TenantMove.Database(name: $0, owner: $1.owner) }
        let places = TenantPlaces(byName: ["acme": 1], byID: [:])
        let move = TenantMove(databases, places: places)
        guard case .copied(let counts) = try await move.move("acme", from: 0, to: 1) else {
            Issue.record("nothing was copied")
            return
        }
        #expect(counts.contains { $0.table == "signalbox.flow_events" && $0.rows == 2 })
        // From here to the thaw nothing can be changed, and all can be read: before and after the map is changed.
        for isMoved in [false, true] {
            if isMoved {
                #expect(try await node.store.missing(by: places) == [])
                node.store.move(to: places)
            }
            let refused = try await patch(99)
            #expect(refused.status == 503)
            #expect(refused.code == "unavailable")
            #expect(try await node.call("GET", "/v1/flows/\(flow)", as: agent).json()["seq"] == 2)
        }
        #expect(try await move.thaw("acme") == "db1")
        try await move.purge("acme", from: 0)
        for n in 2...4 { #expect(try await patch(n).status == 200) }
        while replica.seq < 5 { try replica.apply(try await client.notification("event")) }
        #expect(replica.document["state"]?["n"] == 4)

        // Who was away meanwhile goes on from where they stood.
        let late = try await node.connect(as: try await world.token(.viewer))
        let since: JSON = ["epoch": replica.position["epoch"] ?? .null, "seq": 2]
        let answer = try await late.request("subscribe", ["stream": .string("flow:\(flow)"), "since": since])
        #expect(answer["epoch"] == since["epoch"])
        #expect(answer["seq"] == 5 || answer["seq"] == 2)
        await node.stop()
    }
}
