import Domain
import JSON
import Ledger
import Persistence
import Reactor
import TestSupport
import Testing

@testable import Gateway

/// What is answered about a time of which nothing is kept.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct HistoryCallsTests {
    private struct Silent: CommitPublisher {
        func publish(_ committed: Committed) {}
    }

    /// A flow of whose five events the first two are gone.
    private func oldFlow(_ world: World) async throws -> FlowID {
        try await world.database.beginPartitions(daysAgo: 30)
        let ledger = Ledger(store: world.database.store, publisher: Silent()) { TestDatabase.workers.local.spawn($0) }
        let now = Timestamp.now()
        let flow = Flow.external(
            state: ["n": 1],
            // A document that is longer than its changes.
            metadata: ["padding": JSON(String(repeating: "p", count: 2_000))],
            at: now.daysEarlier(20)
        )
        try await TenantContext.with(world.acme.id) {
            try await ledger.create(flow, by: "robot") { $0.emit(["type": "STATE_SNAPSHOT", "snapshot": ["n": 1]]) }
            for (n, days) in zip(2..., [20, 3, 3, 0] as [Int64]) {
                _ = try await ledger.change(flow.id, by: "robot", at: now.daysEarlier(days)) {
                    try $0.setState(["n": JSON(n)])
                }
            }
        }
        _ = try await world.database.store.maintainHistory(HistoryPolicy(days: 7))
        return flow.id
    }

    @Test func eventsThatAreGoneAreNotPassedOver() async throws {
        try await World.run { world in
            let id = try await oldFlow(world)
            let token = try await world.token(.viewer)
            let page = try await world.node.call("GET", "/v1/flows/\(id)/events?limit=2", as: token)
            #expect(try page.json()["items"]?.array?.compactMap { $0["seq"]?.int } == [3, 4])
            #expect(try page.json()["next_cursor"] == "4")
            for (after, status) in [(0, 410), (1, 410), (2, 200), (5, 200), (9, 200)] {
                let page = try await world.node.call("GET", "/v1/flows/\(id)/events?after=\(after)", as: token)
                #expect(page.status == status, "after \(after): \(page)")
                guard status == 410 else { continue }
                #expect(page.code == "history_gone")
                #expect(try page.json()["first_seq"] == 3)
            }
        }
    }

    @Test func theStateIsKnownSinceTheFirstDayThatIsKept() async throws {
        try await World.run { world in
            let id = try await oldFlow(world)
            let token = try await world.token(.viewer)
            for at in 2...5 {
                let answer = try await world.node.call("GET", "/v1/flows/\(id)/state?at=\(at)", as: token)
                #expect(try answer.json()["state"] == ["n": JSON(at)], "\(answer)")
            }
            let gone = try await world.node.call("GET", "/v1/flows/\(id)/state?at=1", as: token)
            #expect(gone.status == 410 && gone.code == "history_gone", "\(gone)")
        }
    }

    @Test func theDocumentIsTheStreamsOwnAndBeforeThatGone() async throws {
        try await World.run { world in
            let id = try await oldFlow(world)
            let token = try await world.token(.viewer)
            let stream = try await world.node.call("GET", "/v1/streams/flow:\(id)", as: token).json()
            for at in ["", "?at=5"] {
                let answer = try await world.node.call("GET", "/v1/flows/\(id)/document\(at)", as: token).json()
                for member in ["flow", "state", "prompts"] { #expect(answer[member] == stream["snapshot"]?[member]) }
                for member in ["seq", "epoch", "digest"] { #expect(answer[member] == stream[member]) }
            }
            let past = try await world.node.call("GET", "/v1/flows/\(id)/document?at=3", as: token).json()
            #expect(past["state"] == ["n": 3] && past["seq"] == 3)
            #expect(past["digest"]?.string == (["n": 3] as JSON).digest)
            #expect(past["flow"] == stream["snapshot"]?["flow"])

            let gone = try await world.node.call("GET", "/v1/flows/\(id)/document?at=1", as: token)
            #expect(gone.status == 410 && gone.code == "history_gone", "\(gone)")
            #expect(try gone.json()["first_seq"] == 2)
            let ahead = try await world.node.call("GET", "/v1/flows/\(id)/document?at=6", as: token)
            #expect(ahead.status == 400 && ahead.code == "invalid_parameter", "\(ahead)")
            let milestones = try await world.node.call("GET", "/v1/flows/\(id)/milestones", as: token).json()
            #expect(milestones["first_seq"] == 2 && milestones["seq"] == 5 && milestones["items"] == [])
        }
    }

    @Test func whoeverStoodThereBeginsWithTheDocument() async throws {
        try await World.run { world in
            let id = try await oldFlow(world)
            let token = try await world.token(.viewer)
            for (since, mode) in [(1, "snapshot"), (2, "patches"), (5, "patches")] {
                let path = "/v1/streams/flow:\(id)?since=e:\(since)"
                let answer = try await world.node.call("GET", path, as: token)
                #expect(try answer.json()["mode"]?.string == mode, "\(answer)")
                #expect(try answer.json()["seq"] == 5, "\(answer)")
            }
        }
    }
}
