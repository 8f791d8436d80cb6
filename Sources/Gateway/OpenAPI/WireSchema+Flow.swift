import Domain
import JSON

extension WireSchema {
    private static let summary: JSONObject = [
        "id": id,
        "type": text,
        "title": text,
        "status": choice(FlowStatus.allCases.map(\.rawValue)),
        "phase": textOrNull,
        "metadata": anyObject,
        "seq": seq,
        "epoch": text,
        "created_by": text,
        "created_at": time,
        "updated_at": time,
    ]

    private static let step = object(
        [
            "status": choice(StepStatus.allCases.map(\.rawValue)),
            "attempt": ["type": "integer", "minimum": 0],
            "started_at": time,
            "finished_at": time,
            "due_at": time,
            "round": ["type": "integer", "minimum": 2],
            "error": text,
        ],
        optional: ["finished_at", "due_at", "round", "error"]
    )

    private static let graph = object([
        "nodes": array(
            of: object(
                [
                    "id": text, "kind": choice(["start", "listen", "router", "prompt", "race"]),
                    "when": [
                        "type": "object",
                        "description": """
                        Of a step that waits for several things: {"all": […]} or {"any": […]} of steps by their ids, \
                        {"label": "…"}, and such objects.
                        """,
                    ],
                ],
                optional: ["when"]
            )
        ),
        "edges": array(of: object(["from": text, "to": text, "label": text], optional: ["label"])),
    ])

    private static var whole: JSON {
        var members = summary
        members["state"] = anyObject
        members["digest"] = digest
        members["steps"] = ["type": "object", "additionalProperties": step]
        members["graph"] = graph
        members["run_id"] = id
        members["version"] = ["type": "integer", "description": "Of the flow's type, for native flows."]
        members["parent"] = object(["flow_id": id, "seq": seq], optional: ["seq"])
        return object(members, optional: ["graph", "run_id", "version", "parent"])
    }

    private static var listed: JSON {
        var members = summary
        members["open_prompts"] = seq
        return object(members)
    }

    /// What was there at a position.
    private static func past(_ members: JSONObject) -> JSON {
        var members = members
        members["seq"] = seq
        members["epoch"] = text
        members["digest"] = digest
        return object(members)
    }

    static let flow: [WireSchema] = [
        WireSchema("Flow", whole),
        WireSchema("FlowSummary", listed),
        WireSchema("FlowList", list(of: reference("FlowSummary"))),
        WireSchema("FlowTypeList", list(of: object(["type": text]))),
        WireSchema("FlowType", object(["type": text, "graph": graph])),
        WireSchema(
            "NewFlow",
            object(
                ["type": text, "title": text, "state": anyObject, "metadata": anyObject, "input": true],
                optional: ["title", "state", "metadata", "input"],
                isOpen: false
            )
        ),
        WireSchema(
            "Fork",
            object(
                ["at": seq, "title": text, "ask_again": ["type": "boolean"]],
                optional: ["at", "title", "ask_again"],
                isOpen: false
            )
        ),
        WireSchema("State", anyObject),
        WireSchema("StatePatch", ["description": "RFC 6902 (an array) or RFC 7396, by content type."]),
        WireSchema("Position", object(["seq": seq, "digest": digest, "patch": patch], optional: ["patch"])),
        WireSchema("StateAt", past(["state": anyObject])),
        WireSchema(
            "DocumentAt",
            past(["flow": anyObject, "state": anyObject, "prompts": array(of: reference("Prompt"))])
        ),
        WireSchema(
            "MilestonePage",
            list(
                of: object(
                    ["seq": seq, "kind": text, "at": time, "step": text, "title": text],
                    optional: ["step", "title"]
                ),
                ["first_seq": seq, "seq": seq, "epoch": text]
            )
        ),
    ]
}
