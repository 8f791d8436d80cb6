import JSON

extension Route.Parameter {
    static func query(_ name: String, _ schema: JSON, _ summary: String) -> Self {
        Self(name: name, place: .query, schema: schema, summary: summary)
    }

    static func header(_ name: String, _ summary: String) -> Self {
        Self(name: name, place: .header, schema: ["type": "string"], summary: summary)
    }

    static func text(_ name: String, _ summary: String) -> Self { query(name, ["type": "string"], summary) }

    static func choice(_ name: String, _ values: [String], _ summary: String) -> Self {
        query(name, ["type": "string", "enum": .array(values.map { JSON($0) })], summary)
    }

    /// The parameters of every list.
    static let paging: [Self] = [
        query(
            "limit",
            ["type": "integer", "minimum": 1, "maximum": JSON(Call.maximumPage), "default": JSON(Call.defaultPage)],
            "The most items of the page."
        ),
        text("cursor", "`next_cursor` of the page before."),
    ]
}
