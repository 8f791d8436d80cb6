import Domain
import JSON
import TestSupport
import Testing

@testable import Gateway

/// What clients hear of the database that is away.
@Suite(.enabled(if: PostgresCluster.isAvailable, "needs PostgreSQL 15"))
struct ServiceStatusTests {
    @Test func everySocketIsToldAndReadinessFollows() async throws {
        try await World.run { world in
            let node = world.node
            let client = try await node.connect(as: try await world.token(.viewer))
            #expect(try await node.call("GET", "/readyz").status == 200)
            node.gateway.report(.degraded)
            let told = try await client.next()
            #expect(told["method"] == "service")
            #expect(told["params"] == ["status": "degraded"])
            let refused = try await node.call("GET", "/readyz")
            #expect(refused.status == 503)
            #expect(refused.code == "unavailable")
            #expect(try await node.call("GET", "/healthz").status == 200)

            // Whoever comes now learns it with the first answer, and nobody is told twice.
            let late = try await node.connect()
            let hello = try await late.request("hello", ["token": .string(try await world.token(.viewer))])
            #expect(hello["service"] == "degraded")
            node.gateway.report(.degraded)
            node.gateway.report(.ok)
            for client in [client, late] { #expect(try await client.next()["params"] == ["status": "ok"]) }
            #expect(try await node.call("GET", "/readyz").status == 200)
        }
    }

    @Test func figuresOfWhatLiesBelowAreShown() {
        let metrics = [
            Metric("a_total", .counter, "All of it.", 3),
            Metric("b", .gauge, "By kind.", by: "kind", [("x", 1), ("y", 2)]),
        ]
        let text = MetricsText.text(metrics)
        #expect(
            text == """
                # HELP signalbox_a_total All of it.
                # TYPE signalbox_a_total counter
                signalbox_a_total 3
                # HELP signalbox_b By kind.
                # TYPE signalbox_b gauge
                signalbox_b{kind="x"} 1
                signalbox_b{kind="y"} 2

                """
        )
    }
}
