import Domain
import HTTP
import HTTPTypes
import JSON
import Server

extension Route {
    static let system: [Route] = [
        Route(.get, "/healthz", .open, "Whether the process serves.", answers: [Answer(200, "Health")]) { _ in
            .json(["status": "ok"])
        },
        Route(
            .get,
            "/readyz",
            .open,
            "Whether any of the databases answers and takes changes, and which.",
            answers: [Answer(200, "Readiness")],
            problems: [.unavailable]
        ) { call in
            let report = call.services.status.now
            guard report.isReady else { throw Problem(.unavailable, "The database is away or takes no changes.") }
            let databases = report.databases.map { ($0.name, JSON($0.status.rawValue)) }
            return .json(["status": "ok", "databases": .object(JSONObject(databases))])
        },
        Route(
            .get,
            "/metrics",
            .open,
            "Counters of this process, as Prometheus reads them.",
            answers: [Answer(200, "MetricsText", as: MetricsText.contentType)]
        ) { call in
            let status = Metric(
                "service_ok",
                .gauge,
                "Whether changes can be made at present.",
                by: "database",
                call.services.status.now.databases.map { ($0.name, $0.status == .ok ? 1 : 0) }
            )
            return MetricsText.response([status, call.services.streams.metric] + call.services.metrics())
        },
        Route(.get, "/openapi.json", .open, "This document.", answers: [Answer(200, "OpenAPI")]) { call in
            try call.services.openAPI.answer(call.head, now: Int(call.now.seconds))
        },
    ]
}
