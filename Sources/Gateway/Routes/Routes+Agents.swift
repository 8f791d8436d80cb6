import Agents
import HTTPTypes
import Identity
import JSON
import Server

extension Route {
    static let agents: [Route] = [
        Route(
            .get,
            "/v1/agents",
            .action(.readFlows),
            "The agents that work in flows, their tools, and which calls people decide on.",
            answers: [Answer(200, "AgentList")]
        ) { call in
            .page(call.services.agents.listing, next: nil)
        }
    ]
}
