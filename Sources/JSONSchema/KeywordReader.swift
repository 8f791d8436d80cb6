import JSON

/// Reads the value of one keyword as the type the specification asks for.
struct KeywordReader {
    let keyword: String
    let value: JSON
    /// The subschema that holds the keyword.
    let pointer: JSONPointer

    func invalid(_ expected: String) -> JSONSchemaError {
        .invalidKeyword(keyword, at: pointer, expected: expected)
    }

    func array() throws(JSONSchemaError) -> [JSON] {
        guard case .array(let elements) = value else { throw invalid("an array") }
        return elements.flattened
    }

    func object() throws(JSONSchemaError) -> JSONObject {
        guard case .object(let object) = value else { throw invalid("an object") }
        return object
    }

    func boolean() throws(JSONSchemaError) -> Bool {
        guard case .bool(let flag) = value else { throw invalid("a boolean") }
        return flag
    }

    func number() throws(JSONSchemaError) -> JSONNumber {
        guard case .number(let number) = value else { throw invalid("a number") }
        return number
    }

    func divisor() throws(JSONSchemaError) -> JSONNumber {
        let number = try number()
        guard JSONNumber(0).isMultiple(of: number) != nil else {
            throw invalid("a number above 0 of at most \(JSONNumber.maxDivisorDigits) significant digits")
        }
        return number
    }

    func count() throws(JSONSchemaError) -> Int {
        guard let count = value.int, count >= 0 else { throw invalid("a whole number from 0 on") }
        return count
    }

    func names() throws(JSONSchemaError) -> [String] {
        let names = try array().compactMap(\.string)
        guard try names.count == array().count, Set(try array()).count == names.count else {
            throw invalid("an array of different strings")
        }
        return names
    }

    func types() throws(JSONSchemaError) -> [SchemaNode.TypeName] {
        let entries = value.array ?? [value]
        let types = entries.compactMap { $0.string.flatMap(SchemaNode.TypeName.init(rawValue:)) }
        guard !types.isEmpty, types.count == entries.count, Set(types).count == types.count else {
            throw invalid("a type name or an array of different ones")
        }
        return types
    }
}
