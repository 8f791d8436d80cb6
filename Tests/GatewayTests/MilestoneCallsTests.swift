import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// What is told of a flow's turning points.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct MilestoneCallsTests {
    private let nothing: JSON = [
        "type": "CUSTOM", "name": "note", "value": ["signalbox": "signalbox.not", "z": "\u{0}"],
    ]

    private func append(_ events: JSON, to flow: String, _ world: World) async throws {
        let agent = try await world.token(.agent)
        let answer = try await world.node.call("POST", "/v1/flows/\(flow)/events", as: agent, body: events.text)
        try #require(answer.status == 201, "\(answer)")
    }

    private func milestones(_ flow: String, _ query: String, _ world: World) async throws -> JSON {
        let token = try await world.token(.viewer)
        return try await world.node.call("GET", "/v1/flows/\(flow)/milestones\(query)", as: token).json()
    }

    @Test func runsStepsAndPromptsAreToldAndNothingElse() async throws {
        try await SharedWorld.run { world in
            let flow = try await world.makeFlow()
            try await append(
                [
                    ["type": "RUN_STARTED", "threadId": JSON(flow), "runId": "\(FlowID.generate())"],
                    ["stepName": "look", "type": "STEP_STARTED"], nothing,
                    ["type": "STATE_DELTA", "delta": [["op": "add", "path": "/a", "value": "\"type\":\"STEP_"]]],
                    ["type": "STEP_FINISHED", "stepName": "look"],
                ],
                to: flow,
                world
            )
            _ = try await world.ask(flow)
            try await append([["type": "RUN_ERROR", "message": "out of paper"]], to: flow, world)
            let page = try await milestones(flow, "", world)
            let items = try #require(page["items"]?.array)
            #expect(
                items.map { $0["kind"] } == [
                    "run.started", "step.started", "step.ended", "prompt.opened", "run.failed",
                ]
            )
            #expect(items.map { $0["seq"] } == [2, 3, 6, 7, 8])
            #expect(items.map { $0["step"] } == [nil, "look", "look", "review", nil])
            #expect(items.map { $0["title"] } == [nil, nil, nil, "Go on?", "out of paper"])
            #expect(items.allSatisfy { $0["at"]?.string.flatMap(Timestamp.init(rfc3339:)) != nil })
            #expect(page["first_seq"] == 0 && page["seq"] == 8 && page["next_cursor"] == .null)
        }
    }

    @Test func pagesPassOverNothing() async throws {
        try await SharedWorld.run { world in
            let flow = try await world.makeFlow()
            for n in 0..<5 {
                let step: JSON = ["type": "STEP_STARTED", "stepName": JSON("s\(n)")]
                try await append([nothing, step, nothing], to: flow, world)
            }
            var (found, cursor): ([String], String?) = ([], "0")
            while let next = cursor {
                let page = try await milestones(flow, "?limit=2&cursor=\(next)", world)
                found += page["items"]?.array?.compactMap { $0["step"]?.string } ?? []
                cursor = page["next_cursor"]?.string
            }
            #expect(found == ["s0", "s1", "s2", "s3", "s4"])
        }
    }
}
