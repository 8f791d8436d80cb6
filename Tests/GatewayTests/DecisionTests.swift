import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"), .serialized)
struct DecisionTests {
    @Test func hundredsDecideThroughTwoServersAndOneIsAccepted() async throws {
        try await World.run { world in
            let other = try await Node.start(on: world.database)
            let flow = try await world.makeFlow()
            let prompt = try await world.ask(flow)
            let id = try (prompt["id"]?.string).orThrow("no id")
            let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for index in 0..<300 {
                    let node = index % 2 == 0 ? world.node : other
                    let verb = index % 4 < 2 ? "approve" : "reject"
                    let token = try await world.token(.reviewer, subject: "person-\(index)")
                    let body = World.decision(prompt, verb, key: "k\(index)").text
                    group.addTask { try await node.call("POST", "/v1/prompts/\(id)/decision", as: token, body: body) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = answers.filter { $0.status == 200 }
            let winner = try #require(winners.first)
            #expect(winners.count == 1)
            let outcome = try #require(try winner.json()["outcome"])
            for loser in answers where loser.status != 200 {
                #expect(loser.status == 409 && loser.code == "already_decided", "\(loser)")
                #expect(try loser.json()["outcome"] == outcome)
            }
            let agent = try await world.token(.agent)
            let events = try await world.node.call("GET", "/v1/flows/\(flow)/events?limit=1000", as: agent)
            let decided = try events.json()["items"]?.array?.filter {
                $0["event"]?["name"] == "signalbox.prompt.decided"
            }
            #expect(decided?.count == 1)
            let audit = try await world.node.call(
                "GET",
                "/v1/audit?action=prompt.decided&limit=1000",
                as: try await world.token(.admin)
            )
            #expect(try audit.json()["items"]?.array?.count == 1)
            await other.stop()
        }
    }

    @Test func aDecisionIsSentAgainAfterTheSocketWasCut() async throws {
        try await World.run { world in
            let reviewer = try await world.token(.reviewer, subject: "ann")
            for round in 0..<10 {
                let prompt = try await world.ask(try await world.makeFlow())
                var params = try World.decision(prompt, "approve", key: "same").object.orThrow("an object")
                params["prompt"] = prompt["id"]
                let first = try await world.node.connect(as: reviewer)
                try await first.post("prompt.decide", .object(params))
                // Sometimes before the decision is read, sometimes after it is committed.
                if round % 2 == 0 { first.cut() } else { _ = try await first.next(); first.cut() }
                let second = try await world.node.connect(as: reviewer)
                let answer = try await second.request("prompt.decide", .object(params))
                #expect(answer["status"] == "decided" && answer["outcome"]?["by"] == ["ann"])
                let again = try await second.request("prompt.decide", .object(params))
                #expect(again == answer)
                params["verb"] = "reject"
                #expect(try await second.refusal("prompt.decide", .object(params)) == "idempotency_mismatch")
            }
        }
    }

    @Test func thereIsNoSilentYes() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow()
            let schema: JSON = ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]]
            let prompt = try await world.ask(
                flow,
                ["allowed": ["approve", "edit", "reject"], "response_schema": schema]
            )
            let client = try await world.node.connect(as: try await world.token(.reviewer))
            var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
            let seed = generator.seed
            let count = 10_000
            for start in stride(from: 0, to: count, by: 50) {
                var ids: Set<Int> = []
                var batch: [JSON] = []
                for index in start..<(start + 25) {
                    ids.insert(index)
                    let params = MalformedDecision.make(of: prompt, using: &generator)
                    batch.append([
                        "jsonrpc": "2.0", "id": JSON(index), "method": "prompt.decide", "params": params,
                    ])
                }
                try await client.send(.array(batch))
                var second: [JSON] = []
                for index in (start + 25)..<(start + 50) {
                    let params = MalformedDecision.make(of: prompt, using: &generator)
                    second.append([
                        "jsonrpc": "2.0", "id": JSON(index), "method": "prompt.decide", "params": params,
                    ])
                }
                let answers = try #require(try await client.next().array)
                try await client.send(.array(second))
                for answer in try answers + #require(try await client.next().array) {
                    #expect(answer["result"] == nil, "seed \(seed): \(answer.text)")
                }
            }
            let after = try await world.node.call(
                "GET",
                "/v1/prompts/\(prompt["id"]?.string ?? "")",
                as: try await world.token(.viewer)
            )
            #expect(try after.json() == prompt, "seed \(seed)")
        }
    }

    @Test func everyRefusalSaysWhatTheCallerNeeds() async throws {
        try await World.run { world in
            let ann = try await world.token(.reviewer, subject: "ann")
            let bob = try await world.token(.reviewer, subject: "bob")
            let flow = try await world.makeFlow()
            let old = try await world.ask(flow)
            let new = try await world.ask(flow, ["shown": ["amount": 13]])
            func decide(_ prompt: JSON, _ verb: String, as token: String, _ changes: JSON = [:]) async throws
                -> HTTPAnswer
            {
                let body = MergePatch.apply(
                    changes,
                    to: World.decision(prompt, verb, key: "\(verb)-\(token.suffix(8))")
                )
                let id = prompt["id"]?.string ?? ""
                return try await world.node.call("POST", "/v1/prompts/\(id)/decision", as: token, body: body.text)
            }
            let stale = try await decide(old, "approve", as: ann)
            #expect(stale.status == 409 && stale.code == "stale_prompt")
            #expect(try stale.json()["superseded_by"] == new["id"])
            let changed = try await decide(new, "approve", as: ann, ["shown_digest": "sha256:0"])
            #expect(changed.status == 409 && changed.code == "prompt_changed")
            #expect(try changed.json()["prompt"] == new)
            let claim = try await world.node.call("POST", "/v1/prompts/\(new["id"]?.string ?? "")/claim", as: bob)
            #expect(try claim.json()["claim"]?["by"] == "bob")
            let claimed = try await decide(new, "approve", as: ann)
            #expect(claimed.status == 409 && claimed.code == "claimed")
            #expect(try claimed.json()["claim"]?["by"] == "bob")
            let wrong = try await decide(new, "respond", as: bob)
            #expect(wrong.status == 422 && wrong.code == "invalid_decision")
            #expect(try wrong.json()["errors"]?[0]?["pointer"] == "/verb")
            let viewer = try await decide(new, "approve", as: try await world.token(.viewer))
            #expect(viewer.status == 403 && viewer.code == "forbidden")
            #expect(try await decide(new, "approve", as: bob).status == 200)
            #expect(try await decide(new, "reject", as: ann).code == "already_decided")
        }
    }

    @Test func aLongPollReturnsWithTheDecision() async throws {
        try await World.run { world in
            let flow = try await world.makeFlow()
            let prompt = try await world.ask(flow)
            let id = try (prompt["id"]?.string).orThrow("no id")
            let viewer = try await world.token(.viewer)
            let other = try await Node.start(on: world.database)
            async let waiting = other.call("GET", "/v1/prompts/\(id)?wait=30", as: viewer)
            let at = ContinuousClock.now
            let timedOut = try await world.node.call("GET", "/v1/prompts/\(id)?wait=1", as: viewer)
            #expect(try timedOut.json()["status"] == "open")
            #expect(ContinuousClock.now - at >= .seconds(1))
            let body = World.decision(prompt, "reject", key: "k").text
            _ = try await world.node.call(
                "POST",
                "/v1/prompts/\(id)/decision",
                as: try await world.token(.reviewer),
                body: body
            )
            #expect(try await waiting.json()["status"] == "decided")
            #expect(ContinuousClock.now - at < .seconds(20))
            await other.stop()
        }
    }
}
