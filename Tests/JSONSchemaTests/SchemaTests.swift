import JSON
import JSONSchema
import Testing

struct SchemaTests {
    @Test(
        arguments: [
            (
                #"{"type":"object","required":["a","b"],"properties":{"a":{"type":"integer"}}}"#, #"{"a":1.5}"#,
                ["required ", "type /a"]
            ),
            (
                #"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1,"x/y":2}"#,
                ["additionalProperties /x~1y"]
            ),
            (
                #"{"items":{"maxLength":2},"prefixItems":[{"const":1}]}"#, #"[2,"abc","😀😀"]"#,
                ["const /0", "maxLength /1"]
            ),
            (#"{"anyOf":[{"type":"null"},{"minimum":5}]}"#, "4", ["anyOf "]),
            (#"{"oneOf":[{"type":"number"},{"minimum":5}]}"#, "6", ["oneOf "]),
            (#"{"not":{"enum":[1,"a"]}}"#, "1.0", ["not "]),
            (#"{"propertyNames":{"maxLength":1}}"#, #"{"ab":1}"#, ["propertyNames /ab"]),
            (
                ##"{"$defs":{"n":{"items":{"$ref":"#/$defs/n"},"type":"array"}},"$ref":"#/$defs/n"}"##, "[[],[1]]",
                ["type /1/0"]
            ),
            (#"{"multipleOf":0.01,"exclusiveMaximum":1}"#, "1.005", ["exclusiveMaximum ", "multipleOf "]),
            ("false", "null", ["false "]), (#"{"x-order":1,"format":"email","title":"t"}"#, "1", []),
            ("true", "{}", []),
            (#"{"uniqueItems":true}"#, #"[{"a":1,"b":2},{"b":2,"a":1.0}]"#, ["uniqueItems "]),
            (#"{"minimum":9007199254740993}"#, "9007199254740992", ["minimum "]),
            (##"{"$ref":"#/$defs/a%25%7E1b","$defs":{"a%/b":{"type":"string"}}}"##, "1", ["type "]),
        ] as [(String, String, [String])]
    )
    func violationsNameKeywordAndPlace(schema: String, value: String, expected: [String]) throws {
        let schema = try JSONSchema(JSON.parse(schema))
        let violations = schema.validate(try JSON.parse(value))
        #expect(violations.map { "\($0.keyword) \($0.pointer.text)" }.sorted() == expected.sorted())
        #expect(violations.allSatisfy { $0.message.hasSuffix(".") })
    }

    @Test(
        arguments: [
            (#"{"pattern":"^a"}"#, JSONSchemaError.unsupportedKeyword("pattern", at: .root)),
            (
                #"{"properties":{"a":{"if":true}}}"#,
                .unsupportedKeyword("if", at: JSONPointer(tokens: ["properties", "a"]))
            ),
            (#"{"items":{"$id":"x"}}"#, .unsupportedKeyword("$id", at: JSONPointer(tokens: ["items"]))),
            (
                #"{"$schema":"http://json-schema.org/draft-07/schema#"}"#,
                .invalidKeyword("$schema", at: .root, expected: "\"https://json-schema.org/draft/2020-12/schema\"")
            ),
            (
                #"{"type":"float"}"#,
                .invalidKeyword("type", at: .root, expected: "a type name or an array of different ones")
            ),
            (
                #"{"type":[]}"#,
                .invalidKeyword("type", at: .root, expected: "a type name or an array of different ones")
            ),
            (#"{"minLength":-1}"#, .invalidKeyword("minLength", at: .root, expected: "a whole number from 0 on")),
            (
                #"{"required":["a","a"]}"#,
                .invalidKeyword("required", at: .root, expected: "an array of different strings")
            ),
            (#"{"required":[1]}"#, .invalidKeyword("required", at: .root, expected: "an array of different strings")),
            (
                #"{"multipleOf":0}"#,
                .invalidKeyword("multipleOf", at: .root, expected: "a number above 0 of at most 18 significant digits")
            ),
            (#"{"allOf":[]}"#, .invalidKeyword("allOf", at: .root, expected: "a list of at least one schema")),
            (#"{"items":[true]}"#, .notASchema(at: JSONPointer(tokens: ["items"]))), ("1", .notASchema(at: .root)),
            (##"{"$ref":"#"}"##, .unresolvedReference("#", at: .root)),
            (##"{"$ref":"#/$defs/a"}"##, .unresolvedReference("#/$defs/a", at: .root)),
            (#"{"$ref":"http://example.com/x"}"#, .unresolvedReference("http://example.com/x", at: .root)),
            (
                ##"{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[true,{"$ref":"#/$defs/a"}]}}}"##,
                .circularReference(at: JSONPointer(tokens: ["$defs", "a"]))
            ),
        ] as [(String, JSONSchemaError)]
    )
    func refusesSchema(text: String, expected: JSONSchemaError) throws {
        let document = try JSON.parse(text)
        #expect(throws: expected) { try JSONSchema(document) }
        #expect(expected.description.contains("\"\(expected.pointer.text)\""))
    }

    @Test func nestingAndSizeAreBounded() throws {
        var deep: JSON = true
        for _ in 0..<200 { deep = ["items": deep] }
        let tooDeep = #expect(throws: JSONSchemaError.self) { try JSONSchema(deep) }
        guard case .tooDeep(limit: 64, _)? = tooDeep else {
            Issue.record("expected too deep, got \(String(describing: tooDeep))")
            return
        }
        let wide: JSON = ["prefixItems": .array(Array(repeating: true, count: JSONSchema.maxSubschemas))]
        let tooLarge = #expect(throws: JSONSchemaError.self) { try JSONSchema(wide) }
        guard case .tooLarge(limit: JSONSchema.maxSubschemas, _)? = tooLarge else {
            Issue.record("expected too large, got \(String(describing: tooLarge))")
            return
        }
    }

    /// Thirty definitions that each apply the next one twice would take 2^30 steps.
    @Test func multiplyingReferencesEndInAViolation() throws {
        var definitions = JSONObject()
        for number in 0..<30 {
            let next: JSON = ["$ref": .string("#/$defs/d\(number + 1)")]
            definitions["d\(number)"] = ["allOf": [next, next]]
        }
        definitions["d30"] = true
        let schema = try JSONSchema(["$defs": .object(definitions), "$ref": "#/$defs/d0"])
        #expect(schema.validate(1).map(\.message) == ["The value takes too many steps to validate."])
        let negated = try JSONSchema(["$defs": .object(definitions), "not": ["$ref": "#/$defs/d0"]])
        #expect(negated.validate(1).map(\.message) == ["The value takes too many steps to validate."])
    }

    /// A chain of references is as deep as the schema is large, which must not exhaust the stack.
    @Test func longChainsOfReferencesEndInAViolation() throws {
        var definitions = JSONObject()
        for number in 0..<5_000 { definitions["d\(number)"] = ["$ref": .string("#/$defs/d\(number + 1)")] }
        definitions["d5000"] = true
        let schema = try JSONSchema(["$defs": .object(definitions), "$ref": "#/$defs/d0"])
        #expect(schema.validate(1).count == 1)
    }

    @Test func violationsAreBounded() throws {
        let schema = try JSONSchema(["items": ["type": "string"]])
        let value = JSON.array(Array(repeating: 1, count: 5_000))
        #expect(schema.validate(value).count == JSONSchema.maxViolations)
    }
}
