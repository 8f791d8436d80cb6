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
            node.gateway.report(.one(.degraded))
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
            node.gateway.report(.one(.degraded))
            node.gateway.report(.one(.ok))
            for client in [client, late] { #expect(try await client.next()["params"] == ["status": "ok"]) }
            #expect(try await node.call("GET", "/readyz").status == 200)
        }
    }

    /// The others go on, and a load balancer must not take the process from them.
    @Test func onlyTenantsOfTheDatabaseThatIsAwayAreTold() async throws {
        try await World.run { world in
            let node = world.node
            let acme = try await node.connect(as: try await world.token(.viewer))
            let globex = try await node.connect(as: try await world.token(.viewer, in: world.globex))
            func report(_ eu: ServiceStatus, frozen: Set<TenantID> = [], place: Int = 1) {
                let databases = [
                    ServiceReport.Database(name: "default", status: .ok),
                    ServiceReport.Database(name: "eu", status: eu, frozen: frozen),
                ]
                node.gateway.report(
                    ServiceReport(databases, revision: place) { $0.id == world.globex.id ? place : 0 }
                )
            }
            report(.degraded)
            #expect(try await globex.next()["params"] == ["status": "degraded"])
            let ready = try await node.call("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(try ready.json()["databases"] == ["default": "ok", "eu": "degraded"])
            let metrics = try await node.call("GET", "/metrics").text
            #expect(metrics.contains("signalbox_service_ok{database=\"eu\"} 0\n"))
            let late = try await node.connect()
            let token = try await world.token(.viewer, in: world.globex)
            #expect(try await late.request("hello", ["token": .string(token)])["service"] == "degraded")

            report(.ok)
            #expect(try await globex.next()["params"] == ["status": "ok"])
            report(.ok, frozen: [world.globex.id])
            #expect(try await globex.next()["params"] == ["status": "degraded"])
            // It lives in the other one from now on, where it is not frozen.
            report(.ok, frozen: [world.globex.id], place: 0)
            #expect(try await globex.next()["params"] == ["status": "ok"])
            // Nothing of all this was said to the others.
            try await acme.post("ping", [:])
            #expect(try await acme.next()["result"] != nil)
        }
    }

    /// Whoever has no WebSocket is told by each response that goes on, and by each answer of a long poll.
    @Test func itIsSaidOverHTTPAsWell() async throws {
        try await World.run { world in
            let (node, token) = (world.node, try await world.token(.viewer))
            func expect(_ status: String, _ reader: EventReader) async throws {
                let event = try await reader.next()
                #expect(event.name == "service" && event.data == ["status": .string(status)])
            }
            let early = try await EventReader.open(node, path: "/v1/streams/flows", as: token)
            #expect(try await early.next().name == "attach")
            node.gateway.report(.one(.degraded))
            try await expect("degraded", early)
            let late = try await EventReader.open(node, path: "/v1/streams/flows", as: token)
            try await expect("degraded", late)
            #expect(try await late.next().name == "attach")
            let poll = try await node.call("GET", "/v1/streams/flows", as: token)
            #expect(try poll.json()["service"] == "degraded")
            node.gateway.report(.one(.ok))
            for reader in [early, late] { try await expect("ok", reader) }
            let later = try await node.call("GET", "/v1/streams/flows", as: token)
            #expect(try later.json()["service"] == "ok")
        }
    }

    @Test func figuresOfWhatLiesBelowAreShown() {
        let metrics = [
            Metric("a_total", .counter, "All of it.", 3),
            Metric("b", .gauge, "By kind.", by: "kind", [("x", 1), ("y", 2)]),
            Metric("c", .gauge, "By both.", byLabels: [([(label: "k", value: "x"), (label: "l", value: "y")], 1.5)]),
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
                # HELP signalbox_c By both.
                # TYPE signalbox_c gauge
                signalbox_c{k="x",l="y"} 1.5

                """
        )
    }
}

extension ServiceReport {
    /// Of a process with one database.
    fileprivate static func one(_ status: ServiceStatus) -> ServiceReport {
        ServiceReport([.init(name: "default", status: status)])
    }
}
