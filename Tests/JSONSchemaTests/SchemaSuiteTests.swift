import Foundation
import JSON
import JSONSchema
import PropertySupport
import Testing

/// The public JSON-Schema-Test-Suite, draft 2020-12, as far as its schemas are within the subset.
struct SchemaSuiteTests {
    // The vectors lie beside the repository, and not everywhere.
    @Test(
        .enabled(if: SharedVectors.arePresent),
        arguments: [
            "additionalProperties", "allOf", "anyOf", "boolean_schema", "const", "default", "enum", "exclusiveMaximum",
            "exclusiveMinimum", "format", "infinite-loop-detection", "items", "maxItems", "maxLength", "maxProperties",
            "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "prefixItems",
            "properties", "propertyNames", "ref", "required", "type", "uniqueItems", "optional/bignum",
            "optional/float-overflow",
        ]
    )
    func agreesWithTheSuite(file: String) throws {
        let bytes = try SharedVectors.bytes("json-schema/\(file).json")
        let groups = try #require(try JSON.parse(bytes).array)
        var ran = 0
        var refused: [String] = []
        for group in groups {
            let name = group["description"]?.string ?? ""
            let schema: JSONSchema
            do {
                schema = try JSONSchema(try #require(group["schema"]))
            } catch let error as JSONSchemaError {
                refused.append("\(name): \(error)")
                continue
            }
            for test in try #require(group["tests"]?.array) {
                let value = try #require(test["data"])
                let isValid = schema.validate(value).isEmpty
                #expect(isValid == test["valid"]?.bool, "\(file): \(name): \(test["description"]?.string ?? "")")
                ran += 1
            }
        }
        // Only a few files are mostly about what the subset leaves out.
        let mostlyOutside: Set = ["ref", "additionalProperties", "properties", "not", "propertyNames"]
        #expect(ran > 0)
        #expect(mostlyOutside.contains(file) || refused.count * 3 <= groups.count, "\(file) refused: \(refused)")
    }

    /// Every other file is about keywords outside the subset: its schemas are refused, never quietly half enforced.
    @Test(
        .enabled(if: SharedVectors.arePresent),
        arguments: [
            "anchor", "contains", "content", "dependentRequired", "dependentSchemas", "dynamicRef", "if-then-else",
            "maxContains", "minContains", "pattern", "patternProperties", "refRemote", "unevaluatedItems",
            "unevaluatedProperties", "vocabulary",
        ]
    )
    func refusesWhatIsOutside(file: String) throws {
        let bytes = try SharedVectors.bytes("json-schema/\(file).json")
        for group in try #require(try JSON.parse(bytes).array) {
            #expect(throws: JSONSchemaError.self, "\(file): \(group["description"]?.string ?? "")") {
                try JSONSchema(try #require(group["schema"]))
            }
        }
    }
}
