// JSONSchema: floor 1. Compiles a bounded subset of JSON Schema 2020-12 and validates values with it.
//
// Schemas come from people and agents: forms, tool arguments, decisions. A keyword that would silently not be
// enforced is worse than none, so that everything outside the subset is refused when the schema is compiled.
//
// The target is pure. It must never know sockets, files, Foundation, or fetch anything: `$ref` is local.

public import JSON

/// A compiled JSON Schema.
///
/// Supported (JSON Schema Core and Validation, 2020-12): boolean schemas; `type`, `enum`, `const`; `minimum`, `maximum`,
/// `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`; `minLength`, `maxLength`; `items`, `prefixItems`, `minItems`,
/// `maxItems`, `uniqueItems`; `properties`, `additionalProperties`, `propertyNames`, `required`, `minProperties`,
/// `maxProperties`; `allOf`, `anyOf`, `oneOf`, `not`; `$defs` and `$ref` to `#/$defs/<name>`; and as annotations without
/// effect `title`, `description`, `default`, `examples`, `format`, `deprecated`, `readOnly`, `writeOnly`, `$comment`,
/// names that begin with `x-`, and at the root `$id` and `$schema` (2020-12 only).
///
/// `pattern` and `patternProperties` are not among them: their regular expressions can take exponential time.
public struct JSONSchema: Sendable {
    /// Deepest nesting of subschemas.
    public static let maxDepth = 64
    /// Most subschemas in one schema.
    public static let maxSubschemas = 10_000
    /// Most applications of a subschema to a value in one validation. Schemas that refer to one another can multiply,
    /// so that a small schema alone does not mean little work.
    public static let maxSteps = 1_000_000
    /// Most violations one validation reports.
    public static let maxViolations = 100

    /// The subschemas; they refer to one another by index, since references may form cycles.
    let nodes: [SchemaNode]
    let root: Int

    /// Compiles a schema.
    ///
    /// - Throws: ``JSONSchemaError`` with the pointer to what is unsupported or malformed.
    public init(_ schema: JSON) throws(JSONSchemaError) {
        var compiler = SchemaCompiler(document: schema)
        root = try compiler.compileDocument()
        nodes = compiler.nodes
    }

    /// Validates a value and returns everything that is wrong with it, at most ``maxViolations`` entries; empty when the
    /// value is valid.
    public func validate(_ value: JSON) -> [JSONSchemaViolation] {
        var validator = SchemaValidator(nodes: nodes)
        return validator.validate(value, against: root)
    }
}
