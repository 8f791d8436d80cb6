import Agents
import JSON

extension WireSchema {
    private static let risks = Risk.allCases.map(\.rawValue)

    private static let approval: JSON = {
        var policy = object([
            "mode": choice(["never", "from", "always"]),
            "risk": ["enum": .array(risks.map { JSON($0) } + [.null])],
        ]).object
        policy?["description"] =
            "The stricter of the tool's and the agent's policy; `from` this `risk` on people are asked."
        return policy.map(JSON.object) ?? true
    }()

    private static let tool = object([
        "name": text,
        "summary": text,
        "risk": choice(risks),
        "approval": approval,
        "arguments_schema": ["description": "A JSON Schema."],
        "output_schema": ["description": "A JSON Schema; null where people cannot answer in place of the tool."],
    ])

    static let agent: [WireSchema] = [
        WireSchema(
            "AgentList",
            list(
                of: object([
                    "name": text,
                    "summary": text,
                    "calls_per_step": ["type": "integer", "minimum": 1],
                    "timeout_ms": ["type": ["integer", "null"]],
                    "tools": array(of: tool),
                ])
            )
        )
    ]
}
