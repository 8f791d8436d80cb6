import JSON

extension WireSchema {
    static let text: JSON = ["type": "string"]
    static let textOrNull: JSON = ["type": ["string", "null"]]
    static let id: JSON = ["type": "string", "format": "uuid"]
    static let idOrNull: JSON = ["type": ["string", "null"], "format": "uuid"]
    static let time: JSON = ["type": "string", "format": "date-time"]
    static let seq: JSON = ["type": "integer", "minimum": 0]
    static let anyObject: JSON = ["type": "object"]
    static let digest: JSON = [
        "type": "string",
        "description": "SipHash-2-4 (key zero) of the RFC 8785 form, 16 hexadecimal digits.",
    ]
    static let patch: JSON = [
        "type": "array",
        "description": "RFC 6902.",
        "items": [
            "type": "object",
            "properties": [
                "op": choice(["add", "remove", "replace", "move", "copy", "test"]),
                "path": text,
                "from": text,
                "value": true,
            ],
            "required": ["op", "path"],
        ],
    ]

    static func choice(_ names: [String]) -> JSON {
        ["type": "string", "enum": .array(names.map { JSON($0) })]
    }

    static func array(of items: JSON) -> JSON { ["type": "array", "items": items] }

    /// An object with these members, all required but those that are named.
    static func object(_ members: JSONObject, optional: Set<String> = [], isOpen: Bool = true) -> JSON {
        var schema: JSONObject = [
            "type": "object",
            "properties": .object(members),
            "required": .array(members.keys.filter { !optional.contains($0) }.map { JSON($0) }),
        ]
        if !isOpen { schema["additionalProperties"] = false }
        return .object(schema)
    }

    /// A page of a list.
    static func list(of items: JSON, _ extra: JSONObject = [:]) -> JSON {
        var members: JSONObject = ["items": array(of: items), "next_cursor": textOrNull]
        for (key, value) in extra { members[key] = value }
        return object(members, optional: Set(extra.keys))
    }
}
