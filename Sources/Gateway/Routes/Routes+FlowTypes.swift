import Flows
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    static let flowTypes: [Route] = [
        Route(
            .get,
            "/v1/flow-types",
            .action(.readFlows),
            "The types of flows that can be created.",
            answers: [Answer(200, "FlowTypeList")]
        ) { call in
            .page(call.services.flows.types.map { ["type": JSON($0)] }, next: nil)
        },
        Route(
            .get,
            "/v1/flow-types/{type}",
            .action(.readFlows),
            "A type of flows that the server runs itself: its steps, and what leads from one to the next.",
            answers: [Answer(200, "FlowType")]
        ) { call in
            guard let type = call.captures["type"].flatMap(call.services.flows.description(of:)) else {
                throw Problem(.notFound)
            }
            return .json(type)
        },
    ]
}
