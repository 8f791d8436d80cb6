import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct FlowCallsTests {
    @Test func aFlowFromItsCreationToItsEnd() async throws {
        try await World.run { world in
            let agent = try await world.token(.agent)
            let made = try await world.node.call(
                "POST",
                "/v1/flows",
                as: agent,
                body: #"{"type":"external","title":"T","state":{"n":1}}"#
            )
            #expect(made.status == 201, "\(made)")
            let id = try (made.json()["id"]?.string).orThrow("no id")
            #expect(made["Location"] == "/v1/flows/\(id)")

            let shown = try await world.node.call("GET", "/v1/flows/\(id)", as: agent)
            #expect(shown.status == 200)
            #expect(shown["ETag"] == "\"1\"")
            #expect(try shown.json()["state"] == ["n": 1])
            let again = try await world.node.call("GET", "/v1/flows/\(id)", as: agent, [("If-None-Match", "\"1\"")])
            #expect(again.status == 304 && again.body.isEmpty)
            let head = try await world.node.call("HEAD", "/v1/flows/\(id)", as: agent)
            #expect(head.status == 200 && head.body.isEmpty && head["Content-Length"] == String(shown.body.count))

            let patched = try await world.node.call(
                "PATCH",
                "/v1/flows/\(id)/state",
                as: agent,
                [("Content-Type", "application/json-patch+json"), ("If-Match", "\"1\"")],
                body: #"[{"op":"add","path":"/m","value":2}]"#
            )
            #expect(try patched.json() == ["seq": 2, "digest": .string((["n": 1, "m": 2] as JSON).digest)])
            let stale = try await world.node.call(
                "PATCH",
                "/v1/flows/\(id)/state",
                as: agent,
                [("Content-Type", "application/merge-patch+json"), ("If-Match", "\"1\"")],
                body: #"{"n":3}"#
            )
            #expect(stale.status == 412 && stale.code == "precondition_failed")
            #expect(try stale.json()["seq"] == 2)
            let put = try await world.node.call("PUT", "/v1/flows/\(id)/state", as: agent, body: #"{"n":1,"m":3}"#)
            #expect(try put.json()["patch"] == [["op": "replace", "path": "/m", "value": 3]])

            let then = try await world.node.call("GET", "/v1/flows/\(id)/state?at=2", as: agent)
            #expect(try then.json()["state"] == ["n": 1, "m": 2])
            let page = try await world.node.call("GET", "/v1/flows/\(id)/events?after=1&limit=1", as: agent)
            #expect(try page.json()["items"]?[0]?["seq"] == 2)
            #expect(try page.json()["next_cursor"] == "2")

            let ended = try await world.node.call(
                "POST",
                "/v1/flows/\(id)/cancel",
                as: try await world.token(.operator)
            )
            #expect(try ended.json()["status"] == "cancelled")
            let late = try await world.node.call("PUT", "/v1/flows/\(id)/state", as: agent, body: "{}")
            #expect(late.status == 409 && late.code == "flow_has_ended")
        }
    }

    @Test func theSameKeyGivesTheSameAnswer() async throws {
        try await World.run { world in
            let agent = try await world.token(.agent)
            let key = [("Idempotency-Key", "k1")]
            let body = #"{"type":"external","title":"once"}"#
            // All at once, so that some meet in the database.
            let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await world.node.call("POST", "/v1/flows", as: agent, key, body: body) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(answers.allSatisfy { $0.status == 201 }, "\(answers.map(\.status))")
            let list = try await world.node.call("GET", "/v1/flows", as: agent)
            #expect(try list.json()["items"]?.array?.count == 1)
            let other = try await world.node.call("POST", "/v1/flows", as: agent, key, body: #"{"type":"external"}"#)
            #expect(other.status == 422 && other.code == "idempotency_mismatch")
            // Keys belong to their owner.
            let stranger = try await world.token(.agent, subject: "another")
            let theirs = try await world.node.call(
                "POST",
                "/v1/flows",
                as: stranger,
                key,
                body: #"{"type":"external"}"#
            )
            #expect(theirs.status == 201)
        }
    }

    @Test func eventsAreAllOrNone() async throws {
        try await World.run { world in
            let agent = try await world.token(.agent)
            let flow = try await world.makeFlow()
            let bad = try await world.node.call(
                "POST",
                "/v1/flows/\(flow)/events",
                as: agent,
                body: #"[{"type":"CUSTOM","name":"a","value":1},{"type":"NOPE"}]"#
            )
            #expect(bad.status == 422)
            #expect(try bad.json()["errors"]?[0]?["pointer"] == "/1/type")
            let good = try await world.node.call(
                "POST",
                "/v1/flows/\(flow)/events",
                as: agent,
                body: #"[{"type":"CUSTOM","name":"a","value":1},{"type":"STATE_SNAPSHOT","snapshot":{"x":1}}]"#
            )
            #expect(try good.json()["first_seq"] == 2 && good.json()["last_seq"] == 3)
        }
    }

    @Test(arguments: [
        ("POST", "/v1/flows", "{", 400, "malformed_json"),
        ("POST", "/v1/flows", "[]", 422, "invalid_input"),
        ("POST", "/v1/flows", #"{"type":1}"#, 422, "invalid_input"),
        ("POST", "/v1/flows", #"{"type":"external","tpye":1}"#, 422, "invalid_input"),
        ("POST", "/v1/flows", #"{"type":"nope"}"#, 422, "unknown_flow_type"),
        ("POST", "/v1/flows", #"{"type":"external","state":[]}"#, 422, "invalid_state"),
        ("GET", "/v1/flows?limit=0", "", 400, "invalid_parameter"),
        ("GET", "/v1/flows?cursor=nonsense", "", 400, "invalid_parameter"),
        ("GET", "/v1/flows?status=gone", "", 400, "invalid_parameter"),
        ("DELETE", "/v1/flows", "", 405, "method_not_allowed"),
        ("GET", "/v1/nothing", "", 404, "not_found"),
        ("GET", "/v1/audit", "", 403, "forbidden"),
    ])
    func mistakesHaveTheirCodes(method: String, path: String, body: String, status: Int, code: String) async throws {
        try await SharedWorld.run { world in
            let agent = try await world.token(.agent)
            let answer = try await world.node.call(method, path, as: agent, body: body.isEmpty ? nil : body)
            #expect(answer.status == status && answer.code == code, "\(answer)")
            #expect(answer["Content-Type"] == "application/problem+json")
            #expect(answer["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
        }
    }
}
