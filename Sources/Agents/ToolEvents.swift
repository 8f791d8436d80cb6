import JSON

/// The AG-UI 1.0 events of one call: each that begins ends, and has one result.
struct ToolEvents {
    let id: String
    let tool: String

    /// The longest text of a result that watchers get, in characters.
    static let maximumText = 16 << 10

    func begin(_ arguments: JSON) -> [JSON] {
        [
            ["type": "TOOL_CALL_START", "toolCallId": JSON(id), "toolCallName": JSON(tool)],
            ["type": "TOOL_CALL_ARGS", "toolCallId": JSON(id), "delta": JSON(arguments.text)],
            ["type": "TOOL_CALL_END", "toolCallId": JSON(id)],
        ]
    }

    func result(_ shown: JSON) -> JSON {
        let text = shown.string ?? shown.text
        // A character can have any number of bytes, so that the bytes are looked at first: most texts are short.
        let isShort = text.utf8.count <= Self.maximumText
        let content = isShort ? text : "\(text.prefix(Self.maximumText))… (\(text.utf8.count) bytes in all)"
        return [
            "type": "TOOL_CALL_RESULT", "messageId": JSON(id + "/result"), "toolCallId": JSON(id), "role": "tool",
            "content": JSON(content),
        ]
    }

    /// The result of a call that came to nothing.
    func failure(_ code: String, _ message: String) -> JSON {
        result(["error": ["code": JSON(code), "message": JSON(message)]])
    }
}
