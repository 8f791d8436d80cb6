import JSON

extension SchemaCompiler {
    /// Compiles one keyword of a subschema.
    mutating func compile(
        _ keyword: String,
        _ value: JSON,
        of keywords: JSONObject,
        into node: inout SchemaNode
    ) throws(JSONSchemaError) {
        let reader = KeywordReader(keyword: keyword, value: value, pointer: node.pointer)
        switch keyword {
        case "type": node.assertions.append(.type(try reader.types()))
        case "enum": node.assertions.append(.oneOfValues(try reader.array()))
        case "const": node.assertions.append(.const(value))
        case "minimum": node.assertions.append(.minimum(try reader.number()))
        case "maximum": node.assertions.append(.maximum(try reader.number()))
        case "exclusiveMinimum": node.assertions.append(.exclusiveMinimum(try reader.number()))
        case "exclusiveMaximum": node.assertions.append(.exclusiveMaximum(try reader.number()))
        case "multipleOf": node.assertions.append(.multipleOf(try reader.divisor()))
        case "minLength": node.assertions.append(.length(.atLeast(try reader.count()), of: .codePoints))
        case "maxLength": node.assertions.append(.length(.atMost(try reader.count()), of: .codePoints))
        case "minItems": node.assertions.append(.length(.atLeast(try reader.count()), of: .items))
        case "maxItems": node.assertions.append(.length(.atMost(try reader.count()), of: .items))
        case "minProperties": node.assertions.append(.length(.atLeast(try reader.count()), of: .members))
        case "maxProperties": node.assertions.append(.length(.atMost(try reader.count()), of: .members))
        case "uniqueItems": if try reader.boolean() { node.assertions.append(.uniqueItems) }
        case "required": node.assertions.append(.required(try reader.names()))
        case "$id", "$schema":
            // Below the root they would change what references mean.
            guard node.pointer.isRoot else { throw .unsupportedKeyword(keyword, at: node.pointer) }
        case "title", "description", "default", "examples", "format", "deprecated", "readOnly", "writeOnly", "$comment":
            return
        case let vendor where vendor.hasPrefix("x-"):
            return
        default:
            try compileApplicator(reader, of: keywords, into: &node)
        }
    }

    private mutating func compileApplicator(
        _ reader: KeywordReader,
        of keywords: JSONObject,
        into node: inout SchemaNode
    ) throws(JSONSchemaError) {
        let place = node.pointer.appending(reader.keyword)
        switch reader.keyword {
        case "$ref":
            node.applicators.append(.reference(try resolve(reader)))
        case "$defs":
            try compileDefinitions(try reader.object(), at: place)
        case "allOf": node.applicators.append(.allOf(try compileList(reader, at: place)))
        case "anyOf": node.applicators.append(.anyOf(try compileList(reader, at: place)))
        case "oneOf": node.applicators.append(.oneOf(try compileList(reader, at: place)))
        case "not": node.applicators.append(.not(try compile(reader.value, at: place)))
        case "properties":
            let members = try reader.object()
            var schemas: [Int] = []
            for (name, schema) in members { schemas.append(try compile(schema, at: place.appending(name))) }
            node.applicators.append(.properties(members, schemas: schemas))
        case "additionalProperties":
            let named = keywords["properties"]?.object ?? JSONObject()
            node.applicators.append(.additionalProperties(try compile(reader.value, at: place), except: named))
        case "propertyNames":
            node.applicators.append(.propertyNames(try compile(reader.value, at: place)))
        case "prefixItems":
            node.applicators.append(.prefixItems(try compileList(reader, at: place)))
        case "items":
            let start = keywords["prefixItems"]?.array?.count ?? 0
            node.applicators.append(.items(try compile(reader.value, at: place), start: start))
        default:
            throw .unsupportedKeyword(reader.keyword, at: node.pointer)
        }
    }

    private mutating func compileDefinitions(
        _ schemas: JSONObject,
        at place: JSONPointer
    ) throws(JSONSchemaError) {
        for (name, schema) in schemas { _ = try compile(schema, at: place.appending(name)) }
    }

    private mutating func compileList(
        _ reader: KeywordReader,
        at place: JSONPointer
    ) throws(JSONSchemaError) -> [Int] {
        let schemas = try reader.array()
        guard !schemas.isEmpty else { throw reader.invalid("a list of at least one schema") }
        var targets: [Int] = []
        for (position, schema) in schemas.enumerated() {
            targets.append(try compile(schema, at: place.appending(position)))
        }
        return targets
    }

    /// The node of a definition; the reference is a URI fragment that holds a JSON Pointer (RFC 6901 §6).
    private func resolve(_ reader: KeywordReader) throws(JSONSchemaError) -> Int {
        guard let text = reader.value.string else { throw reader.invalid("a string") }
        guard text.hasPrefix("#"), let fragment = percentDecoded(text.dropFirst()),
            let pointer = try? JSONPointer(fragment), let target = definition(pointer)
        else { throw .unresolvedReference(text, at: reader.pointer) }
        return target
    }
}

/// Undoes percent-encoding (RFC 3986 §2.1); `nil` when it is malformed or hides bytes that are not UTF-8.
private func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
            return nil
        }
        bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
