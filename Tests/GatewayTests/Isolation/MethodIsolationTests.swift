import Domain
import Identity
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Every method of the WebSocket is called with everything of another tenant that it takes.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct MethodIsolationTests {
    /// Params that name something of another tenant, and the same with what never was.
    private struct Attempt {
        let theirs: JSON
        let nobodys: JSON
        /// Whether the owner is answered something else than nobody is.
        var isWorthSomething = true
    }

    private struct Neighbours {
        let world: World
        let own: Estate
        let other: Estate
        /// A token of this tenant with a session of the other, and one with a session that never was.
        let strayTokens: (theirs: String, nobodys: String)
    }

    private func run(_ body: (Neighbours) async throws -> Void) async throws {
        try await World.run { world in
            let other = try await Estate.make(world, world.globex)
            let own = try await Estate.make(world, world.acme)
            let login: JSON = [
                "tenant": "globex", "email": "globex@example.test", "password": .string(World.password),
            ]
            let signIn = try await world.node.call("POST", "/v1/auth/login", body: login.text)
            let refresh = try (signIn.json()["refresh_token"]?.string).orThrow("no token: \(signIn)")
            // The session has been seen: what the process remembers of it must not serve the other tenant either.
            let access = try signIn.json()["access_token"]?.string
            #expect(try await world.node.call("GET", "/v1/me", as: access).status == 200)
            let session = try SessionID(refresh.split(separator: ".")[1]).orThrow("no session")
            var tokens: [String] = []
            for session in [session, .generate()] {
                let token = try await world.node.tokens.mint(
                    subject: other.user,
                    tenant: world.acme,
                    roles: [.admin],
                    session: session,
                    now: .now()
                )
                tokens.append(token.reveal())
            }
            let stray = (theirs: tokens[0], nobodys: tokens[1])
            try await body(Neighbours(world: world, own: own, other: other, strayTokens: stray))
        }
    }

    /// Without a default: a method that is new does not compile here before somebody has thought of it.
    private func attempts(_ method: RPCMethod, _ neighbours: Neighbours) -> [Attempt] {
        let (own, other) = (neighbours.own, neighbours.other)
        func pair(_ name: String, _ theirs: String, _ nobodys: String, _ more: JSONObject = [:]) -> Attempt {
            var (first, second) = (more, more)
            first[name] = .string(theirs)
            second[name] = .string(nobodys)
            return Attempt(theirs: .object(first), nobodys: .object(second))
        }
        let none = FlowID.generate().text
        let stream = pair("stream", "flow:\(other.flow)", "flow:\(none)")
        let prompt = pair("prompt", other.promptID, none)
        switch method {
        case .hello, .refresh:
            let tokens = neighbours.strayTokens
            let token = pair("token", tokens.theirs, tokens.nobodys)
            return [Attempt(theirs: token.theirs, nobodys: token.nobodys, isWorthSomething: false)]
        case .subscribe, .resync:
            // Their positions in the caller's own streams; the epochs are those of the streams of the same name.
            let positions = zip(own.streams, other.positions).map { mine, place in
                func since(_ place: Estate.Place) -> JSON {
                    ["stream": .string(mine), "since": ["epoch": .string(place.epoch), "seq": JSON(place.seq)]]
                }
                return Attempt(theirs: since(place), nobodys: since(place.madeUp), isWorthSomething: false)
            }
            return [stream] + positions
        case .unsubscribe:
            return [Attempt(theirs: stream.theirs, nobodys: stream.nobodys, isWorthSomething: false)]
        case .ack:
            let seq = pair("stream", "flow:\(other.flow)", "flow:\(none)", ["seq": 1])
            return [Attempt(theirs: seq.theirs, nobodys: seq.nobodys, isWorthSomething: false)]
        case .patch:
            let patch: JSON = [["op": "add", "path": "/x", "value": 1]]
            return [
                pair("flow", other.flow, none, ["patch": patch]),
                pair("flow", other.flow, none, ["patch": patch, "if_seq": 1]),
                // What changes nothing is checked by no commit, so it must not be answered from what the process remembers.
                pair("flow", other.flow, none, ["patch": []]),
            ]
        case .claim, .release: return [prompt]
        case .decide:
            let decision = World.decision(other.prompt, "approve", key: "k").object ?? [:]
            return [pair("prompt", other.promptID, none, decision)]
        case .ping: return []
        }
    }

    private func answer(_ client: RPCClient, _ method: RPCMethod, _ params: JSON) async throws -> String {
        do {
            return try await client.request(method.rawValue, params).text
        } catch let failed as RPCClient.Failed {
            return failed.error.text
        }
    }

    @Test func everyMethodTakesAnothersForNone() async throws {
        try await run { neighbours in
            let client = try await neighbours.world.node.connect(as: neighbours.own.token)
            let owner = try await neighbours.world.node.connect(as: neighbours.other.token)
            var replica = try await Replica(owner, "flow:\(neighbours.other.flow)")
            for method in RPCMethod.allCases {
                for attempt in attempts(method, neighbours) {
                    let theirs = try await answer(client, method, attempt.theirs)
                    #expect(theirs == (try await answer(client, method, attempt.nobodys)), "\(method)")
                    #expect(!theirs.contains(neighbours.other.tenant.name), "\(method): \(theirs)")
                    if attempt.isWorthSomething {
                        #expect(theirs.contains(#""not_found""#), "\(method): \(theirs)")
                    }
                }
            }
            // None of it did anything: the owner's copy is still the present one, and its subscription holds.
            #expect(replica.document["state"] == ["of": "globex"])
            let flow = neighbours.other.flow
            let patch: JSON = [["op": "add", "path": "/y", "value": 2]]
            _ = try await owner.request("patch", ["flow": .string(flow), "patch": patch])
            try await replica.follow(owner)
            #expect(replica.document["state"] == ["of": "globex", "y": 2])
            // And all of it would have worked for the owner, who may do what nobody can do with what never was.
            for method in RPCMethod.allCases {
                for attempt in attempts(method, neighbours).prefix(1) where attempt.isWorthSomething {
                    let theirs = try await answer(owner, method, attempt.theirs)
                    #expect(!theirs.contains(#""code""#), "\(method): \(theirs)")
                }
            }
        }
    }

    /// Whose a connection is was said once: a good token of another tenant's person of the same name is refused, and nothing
    /// that was subscribed moves over.
    @Test func aConnectionNeverChangesItsTenant() async throws {
        try await run { neighbours in
            let (world, other) = (neighbours.world, neighbours.other)
            let client = try await world.node.connect(as: neighbours.own.token)
            var replica = try await Replica(client, "flows")
            let before = replica.document
            #expect(before["items"]?.object?.count == 3)
            #expect(try await client.refusal("auth.refresh", ["token": .string(other.token)]) == "forbidden")
            #expect(try await client.refusal("hello", ["token": .string(other.token)]) == "invalid_request")
            #expect(try await client.refusal("subscribe", ["stream": .string("flow:\(other.flow)")]) == "not_found")
            _ = try await Estate.makeFlow(world, other.tenant)
            let flow = try await Estate.makeFlow(world, neighbours.own.tenant)
            // The next thing that is heard is its own, and without a gap.
            try await replica.follow(client)
            #expect(replica.document["items"]?.object?.count == 4 && replica.document["items"]?[flow] != nil)
            // A new token of its own is taken, and changes nothing either.
            let fresh = try await world.token(.admin)
            _ = try await client.request("auth.refresh", ["token": .string(fresh)])
            _ = try await Estate.makeFlow(world, other.tenant)
            _ = try await Estate.makeFlow(world, neighbours.own.tenant)
            try await replica.follow(client)
            #expect(replica.document["items"]?.object?.count == 5 && !replica.document.text.contains("globex"))
        }
    }

    @Test func whoComesWithAnothersSessionIsLikeNobody() async throws {
        try await run { neighbours in
            let node = neighbours.world.node
            var ends: [String] = []
            for token in [neighbours.strayTokens.theirs, neighbours.strayTokens.nobodys] {
                let client = try await node.connect()
                _ = try await client.post("hello", ["token": .string(token)])
                ends.append("\(try await client.closeCode()) \(client.closeReason)")
                do {
                    _ = try await node.connect([("Authorization", "Bearer \(token)")])
                    Issue.record("a handshake with a stray token")
                } catch let refused as RPCClient.Refused {
                    ends.append(refused.answer.fingerprint)
                }
            }
            #expect(ends[0].hasPrefix("4401") && ends[0] == ends[2] && ends[1] == ends[3], "\(ends)")
        }
    }
}
