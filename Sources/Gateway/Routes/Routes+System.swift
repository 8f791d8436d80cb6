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
            "Whether the database answers and takes changes.",
            answers: [Answer(200, "Health")],
            problems: [.unavailable]
        ) { call in
            guard call.services.status.now == .ok else {
                throw Problem(.unavailable, "The database is away or takes no changes.")
            }
            return .json(["status": "ok"])
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
                call.services.status.now == .ok ? 1 : 0
            )
            return MetricsText.response([status, call.services.streams.metric] + call.services.metrics())
        },
        Route(.get, "/openapi.json", .open, "This document.", answers: [Answer(200, "OpenAPI")]) { call in
            try call.services.openAPI.answer(call.head, now: Int(call.now.seconds))
        },
    ]
}
