import Domain
import Foundation
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Every call is made with everything of another tenant that it could be given, and answers byte by byte as to what never
/// existed.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct RouteIsolationTests {
    /// Two tenants that have the same things, and every call with its case.
    private struct Neighbours {
        let world: World
        let own: Estate
        let other: Estate
        let cases: [(route: Route, name: String, item: RouteCase)]

        func ask(
            _ route: Route,
            _ path: String,
            as token: String,
            _ item: RouteCase,
            _ fields: [(String, String)] = []
        ) async throws -> HTTPAnswer {
            try await world.node.call(
                route.method.rawValue,
                path,
                as: token,
                [("Content-Type", item.type)] + fields,
                body: item.body
            )
        }
    }

    private func run(_ body: (Neighbours) async throws -> Void) async throws {
        try await World.run { world in
            // The owner of what is reached for came first: their ids and positions are the smaller ones.
            let other = try await Estate.make(world, world.globex)
            let own = try await Estate.make(world, world.acme)
            let table = try RouteCase.all(own, other)
            let cases = try Route.all.map { route in
                let name = "\(route.method) \(route.path.text)"
                return (route: route, name: name, item: try #require(table[name], "\(name) has no case"))
            }
            #expect(table.count == cases.count, "a case has no route")
            try await body(Neighbours(world: world, own: own, other: other, cases: cases))
        }
    }

    @Test func everyRouteHasACase() async throws {
        try await run { neighbours in
            for (route, name, item) in neighbours.cases {
                var inputs = Set(route.parameters.map(\.name))
                if route.isIdempotent { inputs.insert("Idempotency-Key") }
                if case .json(let schema, _) = route.body {
                    let content = WireSchema.all.first { $0.name == schema }?.schema
                    inputs.formUnion(content?["properties"]?.object?.keys.map(\.self) ?? [])
                }
                #expect(inputs == item.named.union(item.harmless).union(item.pairs.keys), "\(name)")
                #expect((item.kind == .thing || item.kind == .part) == !route.path.captures.isEmpty, "\(name)")
                if route.access == .open { #expect(item.kind == .open || item.kind == .proof, "\(name)") }
            }
        }
    }

    @Test func anothersIdsAreLikeNone() async throws {
        try await run { neighbours in
            for (route, name, item) in neighbours.cases where item.kind == .thing {
                func ask(_ id: String, as token: String) async throws -> HTTPAnswer {
                    try await neighbours.ask(route, item.path(route.path.text, id), as: token, item)
                }
                let token = neighbours.own.token
                let theirs = try await ask(item.theirs, as: token)
                let nobodys = try await ask(FlowID.generate().text, as: token)
                let nonsense = try await ask("nonsense", as: token)
                #expect(theirs.status == 404, "\(name): \(theirs)")
                #expect(theirs.fingerprint == nobodys.fingerprint, "\(name)")
                #expect(theirs.fingerprint == nonsense.fingerprint, "\(name)")
                guard route.method == .get else { continue }
                // The id is one that its owner finds, or this would prove nothing.
                #expect(try await ask(item.theirs, as: neighbours.other.token).status == 200, "\(name)")
                let path = item.path(route.path.text, item.theirs)
                let head = try await neighbours.world.node.call("HEAD", path, as: token)
                #expect(head.status == 404 && head.body.isEmpty, "HEAD \(path)")
            }
        }
    }

    @Test func anothersParametersAreLikeNone() async throws {
        try await run { neighbours in
            let name = neighbours.other.tenant.name
            for (route, call, item) in neighbours.cases {
                for (parameter, pair) in item.pairs {
                    func ask(_ value: String, _ id: String, as token: String) async throws -> HTTPAnswer {
                        let path = "\(item.path(route.path.text, id))?limit=5&\(parameter)=\(value)"
                        return try await neighbours.ask(route, path, as: token, item)
                    }
                    let theirs = try await ask(pair.theirs, item.own, as: neighbours.own.token)
                    let nobodys = try await ask(pair.nobodys, item.own, as: neighbours.own.token)
                    #expect(theirs.status == 200, "\(call), \(parameter): \(theirs)")
                    #expect(theirs.fingerprint == nobodys.fingerprint, "\(call), \(parameter)")
                    #expect(!theirs.text.contains(name), "\(call), \(parameter): \(theirs)")
                    // Their owner gets something for it.
                    let owners = try await ask(pair.theirs, item.theirs, as: neighbours.other.token)
                    let fruitless = try await ask(pair.nobodys, item.theirs, as: neighbours.other.token)
                    let means = parameter == "cursor" || owners.fingerprint != fruitless.fingerprint
                    #expect(owners.status == 200 && means, "\(call), \(parameter): \(owners)")
                }
            }
        }
    }

    @Test func listsHoldTheCallersOwn() async throws {
        try await run { neighbours in
            for (route, call, item) in neighbours.cases where item.kind == .list {
                for (estate, stranger) in [
                    (neighbours.own, neighbours.other), (neighbours.other, neighbours.own),
                ] {
                    let answer = try await neighbours.ask(route, route.path.text, as: estate.token, item)
                    #expect(try answer.json()["items"]?.array?.isEmpty == false, "\(call)")
                    let secrets = [stranger.tenant.name, stranger.tenant.id.text, stranger.flow, stranger.promptID]
                    for secret in secrets { #expect(!answer.text.contains(secret), "\(call): \(secret)") }
                }
            }
        }
    }

    /// The same key of somebody with the same name is another key in another tenant.
    @Test func anothersIdempotencyKeysAreLikeNone() async throws {
        try await run { neighbours in
            let (own, other) = (neighbours.own, neighbours.other)
            var kept = 0
            for (route, name, item) in neighbours.cases where route.isIdempotent {
                let key = [("Idempotency-Key", "key of \(route.path.text)")]
                let theirs = try await Estate.makeFlow(neighbours.world, other.tenant)
                let path = item.path(route.path.text, theirs)
                let first = try await neighbours.ask(route, path, as: other.token, item, key)
                // What was refused is not kept: flows of others than the engine cannot be tried again.
                let isKept = (200..<300).contains(first.status)
                #expect(isKept || first.code == "not_possible", "\(name): \(first)")
                kept += isKept ? 1 : 0
                let again = try await neighbours.ask(route, path, as: other.token, item, key)
                #expect((again["Idempotency-Replayed"] == "true") == isKept, "\(name): \(again)")

                let mine = try await neighbours.ask(route, path, as: own.token, item, key)
                #expect(mine["Idempotency-Replayed"] == nil, "\(name): \(mine)")
                if item.kind == .thing {
                    let none = item.path(route.path.text, FlowID.generate().text)
                    let nobodys = try await neighbours.ask(route, none, as: own.token, item)
                    #expect(mine.status == 404 && mine.fingerprint == nobodys.fingerprint, "\(name): \(mine)")
                    // Nor is it another request under a key that is taken.
                    let flow = try await Estate.makeFlow(neighbours.world, own.tenant)
                    let used = try await neighbours.ask(
                        route,
                        item.path(route.path.text, flow),
                        as: own.token,
                        item,
                        key
                    )
                    #expect(used.status == first.status && used["Idempotency-Replayed"] == nil, "\(name): \(used)")
                } else {
                    #expect(mine.status == first.status, "\(name): \(mine)")
                    #expect(try mine.json()["id"] != first.json()["id"], "\(name)")
                }
            }
            #expect(kept >= 4)
        }
    }

    /// What everybody is told does not depend on what anybody has.
    @Test func openAnswersAreTheSameWhateverTenantsHave() async throws {
        let page = ProtocolFolder.root.appending(path: "web-static").path
        try await World.run(webRoot: page) { world in
            let open = Route.all.filter { $0.method == .get && $0.access == .open }.map(\.path.text)
            let paths = open + ["/", "/app.js", "/docs", "/nothing"]
            func answers(as token: String? = nil) async throws -> [String] {
                var answers: [String] = []
                for path in paths { answers.append(try await world.node.call("GET", path, as: token).fingerprint) }
                return answers
            }
            let before = try await answers()
            var tokens: [String] = []
            for tenant in [world.acme, world.globex] {
                _ = try await Estate.makeFlow(world, tenant)
                tokens.append(try await world.token(.admin, in: tenant))
            }
            #expect(try await answers() == before)
            // Nor on who asks.
            for token in tokens { #expect(try await answers(as: token) == before) }
            // Counters go up when somebody follows a stream; they are of the process, and named by the program.
            for token in tokens { _ = try await world.node.call("GET", "/v1/streams/flows", as: token) }
            func names(_ text: String) -> String { text.filter { !$0.isNumber } }
            let metrics = try await world.node.call("GET", "/metrics").fingerprint
            let earlier = before[try #require(paths.firstIndex(of: "/metrics"))]
            #expect(names(metrics) == names(earlier) && metrics != earlier)
            for path in ["/v1/agents", "/v1/flow-types", "/v1/flow-types/\(Node.flowType)"] {
                let types = try await world.node.call("GET", path, as: tokens[0])
                #expect(types.status == 200, "\(types)")
                #expect(try await world.node.call("GET", path, as: tokens[1]).fingerprint == types.fingerprint)
            }
        }
    }
}
