public import JSON

/// Why a schema is refused. Every case names the pointer into the schema.
public enum JSONSchemaError: Error, Hashable, Sendable {
    /// A keyword outside the supported subset, which would not be enforced.
    case unsupportedKeyword(String, at: JSONPointer)
    /// The value of a keyword is not what the specification asks for.
    case invalidKeyword(String, at: JSONPointer, expected: String)
    /// A schema is neither an object nor a boolean.
    case notASchema(at: JSONPointer)
    /// A `$ref` that is not `#/$defs/<name>`, or to a name that is not there.
    case unresolvedReference(String, at: JSONPointer)
    /// A schema that refers to itself for the same value, and could never finish.
    case circularReference(at: JSONPointer)
    /// Subschemas nested deeper than the limit.
    case tooDeep(limit: Int, at: JSONPointer)
    /// More subschemas than the limit.
    case tooLarge(limit: Int, at: JSONPointer)

    /// Where in the schema: the subschema that holds the keyword, or the schema itself.
    public var pointer: JSONPointer {
        switch self {
        case .unsupportedKeyword(_, let pointer), .invalidKeyword(_, let pointer, _), .notASchema(let pointer),
            .unresolvedReference(_, let pointer), .circularReference(let pointer), .tooDeep(_, let pointer),
            .tooLarge(_, let pointer):
            pointer
        }
    }
}

extension JSONSchemaError: CustomStringConvertible {
    /// One sentence that names the place, the keyword and the fault.
    public var description: String {
        "Schema at \"\(pointer.text)\": \(fault)."
    }

    private var fault: String {
        switch self {
        case .unsupportedKeyword(let keyword, _): "the keyword \"\(keyword.prefix(64))\" is not supported"
        case .invalidKeyword(let keyword, _, let expected): "\"\(keyword)\" must be \(expected)"
        case .notASchema: "a schema must be an object or a boolean"
        case .unresolvedReference(let text, _):
            "\"$ref\" to \"\(text.prefix(64))\" does not name a schema under \"#/$defs\""
        case .circularReference: "the schema refers to itself without going into the value"
        case .tooDeep(let limit, _): "subschemas nest deeper than \(limit) levels"
        case .tooLarge(let limit, _): "there are more than \(limit) subschemas"
        }
    }
}
