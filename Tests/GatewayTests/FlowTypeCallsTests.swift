import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// What is told of the flows that the server runs itself.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct FlowTypeCallsTests {
    @Test func aTypeHasItsGraph() async throws {
        try await SharedWorld.run { world in
            let token = try await world.token(.viewer)
            let list = try await world.node.call("GET", "/v1/flow-types", as: token)
            #expect(try list.json()["items"] == [["type": JSON(Node.flowType)], ["type": "external"]])
            let answer = try await world.node.call("GET", "/v1/flow-types/\(Node.flowType)", as: token)
            #expect(answer.status == 200, "\(answer)")
            #expect(try answer.json()["type"]?.string == Node.flowType)
            let graph = try answer.json()["graph"]
            let nodes = graph?["nodes"]?.array?.map { [$0["id"]?.string, $0["kind"]?.string] }
            #expect(
                nodes == [["look", "start"], ["choose", "router"], ["go_left", "listen"], ["go_right", "listen"]]
            )
            #expect(
                graph?["edges"] == [
                    ["from": "look", "to": "choose"], ["from": "choose", "to": "go_left", "label": "left"],
                    ["from": "choose", "to": "go_right", "label": "right"],
                ]
            )
        }
    }

    /// Flows that are driven by their agent have steps as they come.
    @Test(arguments: ["external", "unheard_of", "two_ways%2F", "%00"])
    func othersAreNotThere(type: String) async throws {
        try await SharedWorld.run { world in
            let answer = try await world.node.call("GET", "/v1/flow-types/\(type)", as: try await world.token(.viewer))
            #expect(answer.status == 404 && answer.code == "not_found", "\(answer)")
        }
    }
}
