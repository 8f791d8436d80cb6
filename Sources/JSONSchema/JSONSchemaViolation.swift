public import JSON

/// One thing that is wrong with a value.
public struct JSONSchemaViolation: Sendable, Hashable, CustomStringConvertible {
    /// Where in the value.
    public let pointer: JSONPointer
    /// The keyword that is violated; `false` for a schema that allows nothing.
    public let keyword: String
    /// Where the subschema with that keyword stands in the schema.
    public let schemaPointer: JSONPointer
    /// What is wrong, as a sentence for people; it never repeats the value.
    public let message: String

    /// The pointer and the message.
    public var description: String {
        "\"\(pointer.text)\": \(message)"
    }
}
