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
            "Whether the database answers.",
            answers: [Answer(200, "Health")],
            problems: [.unavailable]
        ) { call in
            // An id that cannot be known to any cache.
            _ = try await call.services.tenants.tenant(.generate())
            return .json(["status": "ok"])
        },
        Route(
            .get,
            "/metrics",
            .open,
            "Counters of this process, as Prometheus reads them.",
            answers: [Answer(200, "MetricsText", as: MetricsText.contentType)]
        ) { call in MetricsText.response(call.services.streams) },
        Route(.get, "/openapi.json", .open, "This document.", answers: [Answer(200, "OpenAPI")]) { call in
            try call.services.openAPI.answer(call.head, now: Int(call.now.seconds))
        },
    ]
}
