import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Streams without a WebSocket, and all streams while both tenants are busy.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"), .timeLimit(.minutes(2)))
struct StreamIsolationTests {
    private func run(_ body: (World, _ own: Estate, _ other: Estate) async throws -> Void) async throws {
        try await World.run { world in
            let other = try await Estate.make(world, world.globex)
            try await body(world, try await Estate.make(world, world.acme), other)
        }
    }

    private static let accept = ("Accept", "text/event-stream")

    @Test func aStreamOfAnotherIsLikeNone() async throws {
        try await run { world, own, other in
            func ask(_ method: String, _ path: String, _ flow: String, as token: String) async throws -> HTTPAnswer {
                let position = ("Last-Event-ID", other.positions[0].text)
                let fields = path.contains("wait") ? [] : [Self.accept, position]
                return try await world.node.call(method, path.replacing("FLOW", with: flow), as: token, fields)
            }
            for path in ["/v1/streams/flow:FLOW", "/v1/flows/FLOW/events", "/v1/streams/flow:FLOW?wait=20"] {
                for method in ["GET", "HEAD"] {
                    let theirs = try await ask(method, path, other.flow, as: own.token)
                    let nobodys = try await ask(method, path, FlowID.generate().text, as: own.token)
                    #expect(theirs.status == 404 && theirs.fingerprint == nobodys.fingerprint, "\(path): \(theirs)")
                }
                #expect(try await ask("HEAD", path, other.flow, as: other.token).status == 200, "\(path)")
            }
        }
    }

    /// A position of another tenant's stream is one of another epoch: the caller gets its own document, as for any other.
    @Test func aPositionOfAnotherIsLikeNone() async throws {
        try await run { world, own, other in
            var cases = zip(own.streams, other.positions).map { ("/v1/streams/\($0)", $1) }
            cases.append(("/v1/flows/\(own.flow)/events", other.positions[0]))
            for (path, place) in cases {
                var firsts: [String] = []
                for place in [place, place.madeUp] {
                    let field = ("Last-Event-ID", place.text)
                    let reader = try await EventReader.open(world.node, path: path, as: own.token, [field])
                    let event = try await reader.next()
                    reader.cut()
                    firsts.append("\(event.name) \(event.id) \(event.data.text)")
                }
                #expect(firsts[0] == firsts[1], "\(path)")
                #expect(firsts[0].contains("acme") && !firsts[0].contains("globex"), "\(path): \(firsts[0])")
            }
            // A position of the stream itself is one that it goes on from.
            for (stream, place) in zip(own.streams, own.positions) {
                let field = ("Last-Event-ID", place.text)
                let reader = try await EventReader.open(
                    world.node,
                    path: "/v1/streams/\(stream)",
                    as: own.token,
                    [field]
                )
                #expect(try await reader.next().data["mode"] == "patches", "\(stream)")
                reader.cut()
            }
        }
    }

    // MARK: At full speed

    private static let rounds = 25

    /// Writes as fast as it is answered.
    /// - Returns: the ids of everything that was made.
    private static func write(_ world: World, _ tenant: Tenant) async throws -> [String] {
        var ids: [String] = []
        let agent = try await world.token(.agent, .reviewer, in: tenant)
        for number in 0..<rounds {
            let flow = try await Estate.makeFlow(world, tenant, number)
            let isLast = number == rounds - 1
            let title = isLast ? "last question of \(tenant.name)" : "question of \(tenant.name)"
            let state: JSON = ["of": JSON(tenant.name), "n": JSON(number)]
            _ = try await world.node.call("PUT", "/v1/flows/\(flow)/state", as: agent, body: state.text)
            let prompt = try await world.ask(flow, ["title": JSON(title)], in: tenant)
            let id = prompt["id"]?.string ?? ""
            ids += [flow, id]
            guard number.isMultiple(of: 2), !isLast else { continue }
            let decision = World.decision(prompt, "approve", key: "k")
            let answer = try await world.node.call("POST", "/v1/prompts/\(id)/decision", as: agent, body: decision.text)
            guard answer.status == 200 else { throw Missing(description: "no decision: \(answer)") }
        }
        return ids
    }

    /// Everything that one way of following says, up to the last question.
    private typealias Follower = @Sendable (World, Tenant, _ token: String) async throws -> [String]

    private static func overSocket(_ world: World, _ tenant: Tenant, _ token: String) async throws -> [String] {
        let client = try await world.node.connect(as: token)
        var heard: [String] = []
        for stream in ["flows", "prompts"] {
            heard.append(try await client.request("subscribe", ["stream": .string(stream)]).text)
        }
        // Both lists, to their ends: the flow of the last question waits for an answer then.
        while !heard.contains(where: { $0.contains("last question of \(tenant.name)") }) {
            heard.append(try await client.next().text)
        }
        return heard
    }

    private static func overEvents(_ world: World, _ tenant: Tenant, _ token: String) async throws -> [String] {
        let reader = try await EventReader.open(world.node, path: "/v1/streams/prompts", as: token)
        let flows = try await EventReader.open(world.node, path: "/v1/streams/flows", as: token)
        var heard: [String] = []
        while heard.last?.contains("last question of \(tenant.name)") != true {
            heard.append(try await reader.next().data.text)
        }
        while heard.last?.contains("flow \(rounds - 1) of \(tenant.name)") != true {
            heard.append(try await flows.next().data.text)
        }
        reader.cut()
        flows.cut()
        return heard
    }

    private static func overPolls(_ world: World, _ tenant: Tenant, _ token: String) async throws -> [String] {
        var heard: [String] = []
        var since = ""
        while heard.last?.contains("last question of \(tenant.name)") != true {
            let answer = try await world.node.call("GET", "/v1/streams/prompts?wait=20\(since)", as: token)
            let page = try answer.json()
            let position = (page["epoch"]?.string, page["seq"]?.int)
            guard answer.status == 200, case (let epoch?, let seq?) = position else {
                throw Missing(description: "\(answer)")
            }
            if page["events"] == [] { throw Missing(description: "nothing came within 20 s") }
            since = "&since=\(epoch):\(seq)"
            heard.append(answer.text)
        }
        return heard
    }

    @Test func listsNeverMixWhileBothTenantsWrite() async throws {
        try await World.run { world in
            let tenants = [world.acme, world.globex]
            let followers: [Follower] = [Self.overSocket, Self.overEvents, Self.overPolls]
            var heard: [[String]] = [[], []]
            var made: [[String]] = [[], []]
            try await withThrowingTaskGroup(of: (index: Int, ids: [String], heard: [String]).self) { group in
                for (index, tenant) in tenants.enumerated() {
                    let token = try await world.token(.admin, .reviewer, in: tenant)
                    for follow in followers {
                        group.addTask { (index, [], try await follow(world, tenant, token)) }
                    }
                    group.addTask { (index, try await Self.write(world, tenant), []) }
                }
                for try await result in group {
                    heard[result.index] += result.heard
                    made[result.index] += result.ids
                }
            }
            for (index, tenant) in tenants.enumerated() {
                let everything = heard[index].joined(separator: "\n")
                let stranger = tenants[1 - index].name
                #expect(!everything.contains(stranger) && everything.contains(tenant.name))
                for id in made[1 - index] { #expect(!everything.contains(id), "\(tenant.name) heard of \(id)") }
                for id in made[index] { #expect(everything.contains(id), "\(tenant.name) did not hear of \(id)") }
            }
        }
    }
}
