import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Names of another tenant's things within contents: nothing is looked up by them outside the caller's own tenant.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct ContentIsolationTests {
    private func run(_ body: (World, _ own: Estate, _ other: Estate) async throws -> Void) async throws {
        try await World.run { world in
            let other = try await Estate.make(world, world.globex)
            try await body(world, try await Estate.make(world, world.acme), other)
        }
    }

    /// An answer without what differs from call to call.
    private func plain(_ answer: HTTPAnswer) throws -> String {
        var names = Names(known: [:])
        return "\(answer.status) \(names.named(try answer.json()).text)"
    }

    @Test func anUploadOfAnotherIsLikeNone() async throws {
        try await run { world, own, other in
            var answers: [String] = []
            for upload in [other.upload, UploadID.generate().text] {
                let body: JSON = ["type": "external", "input": ["upload_id": .string(upload)]]
                let answer = try await world.node.call("POST", "/v1/flows", as: own.token, body: body.text)
                #expect(answer.status == 201 && !answer.text.contains(other.tenant.name), "\(answer)")
                answers.append(try plain(answer))
            }
            #expect(answers[0] == answers[1])
        }
    }

    @Test func peopleOfAnotherAreLikeNobody() async throws {
        try await run { world, own, other in
            var answers: [String] = []
            for user in [other.user, UserID.generate().text] {
                let flow = try await Estate.makeFlow(world, own.tenant)
                let prompt = try await world.ask(flow, ["assignees": ["users": [.string(user)]]])
                var names = Names(known: [:])
                answers.append(names.named(prompt).text)
                #expect(!prompt.text.contains(other.tenant.name), "\(prompt.text)")
                // It stands in nobody's inbox over there.
                let theirs = try await world.node.call("GET", "/v1/prompts?flow=\(flow)", as: other.token)
                #expect(try theirs.json()["items"] == [], "\(theirs)")
            }
            #expect(answers[0] == answers[1])
        }
    }

    @Test func aPromptOfAnotherInADecisionIsLikeNone() async throws {
        try await run { world, own, other in
            var answers: [String] = []
            for prompt in [other.promptID, PromptID.generate().text] {
                let flow = try await Estate.makeFlow(world, own.tenant)
                let mine = try await world.ask(flow)
                var body = World.decision(mine, "approve", key: "k").object ?? [:]
                body["prompt"] = .string(prompt)
                let path = "/v1/prompts/\(mine["id"]?.string ?? "")/decision"
                let answer = try await world.node.call("POST", path, as: own.token, body: JSON.object(body).text)
                answers.append(try plain(answer))
            }
            #expect(answers[0] == answers[1])
            let theirs = try await world.node.call("GET", "/v1/prompts/\(other.promptID)", as: other.token)
            #expect(try theirs.json() == other.prompt)
        }
    }

    /// Keys of decisions, too, belong to the caller's tenant, whoever has the same name in another.
    @Test func aDecisionsKeyOfAnotherIsLikeNone() async throws {
        try await run { world, own, other in
            func decide(_ prompt: JSON, _ verb: String, as estate: Estate) async throws -> HTTPAnswer {
                let path = "/v1/prompts/\(prompt["id"]?.string ?? "")/decision"
                let body = World.decision(prompt, verb, key: "k").text
                return try await world.node.call("POST", path, as: estate.token, body: body)
            }
            let first = try await decide(other.prompt, "approve", as: other)
            #expect(first.status == 200, "\(first)")
            let mine = try await decide(own.prompt, "reject", as: own)
            #expect(try mine.status == 200 && mine.json()["outcome"]?["verb"] == "reject", "\(mine)")
            // Their decided prompt is still no prompt at all.
            let again = try await decide(other.prompt, "approve", as: own)
            let none = try await decide(
                ["id": .string(PromptID.generate().text), "shown_digest": "x"],
                "approve",
                as: own
            )
            #expect(again.status == 404 && again.fingerprint == none.fingerprint)
        }
    }
}
