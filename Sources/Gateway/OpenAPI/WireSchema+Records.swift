import JSON

extension WireSchema {
    private static let event: JSON = [
        "type": "object",
        "description": "An AG-UI 1.0 event.",
        "properties": ["type": text],
        "required": ["type"],
    ]

    private static let storedEvent: JSONObject = ["seq": seq, "event": event, "patch": patch, "digest": digest]

    static let stream: [WireSchema] = [
        WireSchema("Events", ["oneOf": [event, ["type": "array", "items": event, "minItems": 1, "maxItems": 1000]]]),
        WireSchema("Appended", object(["first_seq": seq, "last_seq": seq, "epoch": text])),
        WireSchema(
            "EventPage",
            list(of: object(storedEvent, optional: ["patch", "digest"]), ["epoch": text, "seq": seq])
        ),
        WireSchema(
            "EventText",
            [
                "type": "string",
                "description":
                    "Server-sent events: `id` is `<epoch>:<seq>`, `data` the event with `metadata.signalbox`.",
            ]
        ),
        WireSchema(
            "EventNotification",
            object([
                "jsonrpc": ["const": "2.0"],
                "method": ["const": "event"],
                "params": object(
                    ["stream": text, "since": seq, "seq": seq, "event": event, "patch": patch, "digest": digest],
                    optional: ["since", "patch", "digest"]
                ),
            ])
        ),
        WireSchema(
            "StreamPage",
            object(
                [
                    "stream": text, "epoch": text, "seq": seq, "mode": ["enum": ["patches", "snapshot"]],
                    "events": [
                        "type": "array", "items": anyObject,
                        "description": "The params of `event` notifications, with mode `patches`.",
                    ],
                    "snapshot": anyObject, "digest": digest,
                    "service": [
                        "enum": ["ok", "degraded"], "description": "Whether changes can be made, as `service` says it.",
                    ],
                ],
                optional: ["events", "snapshot", "digest"]
            )
        ),
        WireSchema("MetricsText", ["type": "string", "description": "The text format of Prometheus, version 0.0.4."]),
        WireSchema(
            "NotificationText",
            [
                "type": "string",
                "description":
                    "Server-sent events `attach`, `event`, `snapshot` and `service`: what a WebSocket would be sent, see protocol/README.md.",
            ]
        ),
    ]

    private static let asset = object([
        "id": id,
        "name": text,
        "type": textOrNull,
        "environment": textOrNull,
        "attributes": anyObject,
        "flow_id": id,
        "source_row": ["type": "integer"],
        "created_at": time,
    ])

    static let record: [WireSchema] = [
        WireSchema(
            "Upload",
            object([
                "id": id,
                "filename": text,
                "content_type": text,
                "bytes": ["type": "integer", "minimum": 1],
                "sha256": text,
                "created_by": text,
                "created_at": time,
            ])
        ),
        WireSchema("Asset", asset),
        WireSchema("AssetList", list(of: reference("Asset"), ["total": ["type": "integer", "minimum": 0]])),
        WireSchema(
            "AuditList",
            list(
                of: object([
                    "at": time, "actor": text, "channel": text, "action": text, "subject": text, "detail": anyObject,
                ])
            )
        ),
    ]
}
