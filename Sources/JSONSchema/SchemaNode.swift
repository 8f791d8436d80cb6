import JSON

/// One compiled subschema. References to other subschemas are indices into ``JSONSchema/nodes``.
struct SchemaNode: Sendable {
    /// Where the subschema stands in the schema.
    let pointer: JSONPointer
    /// `false` for the boolean schema that allows nothing.
    var allowsAnything = true
    var assertions: [Assertion] = []
    var applicators: [Applicator] = []

    /// A keyword that judges the value by itself.
    enum Assertion: Sendable {
        case type([TypeName])
        case oneOfValues([JSON])
        case const(JSON)
        case minimum(JSONNumber)
        case maximum(JSONNumber)
        case exclusiveMinimum(JSONNumber)
        case exclusiveMaximum(JSONNumber)
        case multipleOf(JSONNumber)
        case length(Bound, of: Countable)
        case uniqueItems
        case required([String])
    }

    /// A keyword that applies subschemas, to the same value or to parts of it.
    enum Applicator: Sendable {
        case reference(Int)
        case allOf([Int])
        case anyOf([Int])
        case oneOf([Int])
        case not(Int)
        case properties(JSONObject, schemas: [Int])
        /// Applies to members that `except` does not name.
        case additionalProperties(Int, except: JSONObject)
        case propertyNames(Int)
        case prefixItems([Int])
        /// Applies from the element at `start` on.
        case items(Int, start: Int)

        /// The subschemas that judge the same value as the applicator itself.
        var inPlaceTargets: [Int] {
            switch self {
            case .reference(let target), .not(let target): [target]
            case .allOf(let targets), .anyOf(let targets), .oneOf(let targets): targets
            case .properties, .additionalProperties, .propertyNames, .prefixItems, .items: []
            }
        }
    }

    /// The values of `type` (Validation §6.1.1).
    enum TypeName: String, Sendable {
        case null, boolean, object, array, number, string, integer

        func contains(_ value: JSON) -> Bool {
            switch (self, value) {
            case (.null, .null), (.boolean, .bool), (.object, .object), (.array, .array), (.string, .string),
                (.number, .number):
                true
            case (.integer, .number(let number)):
                number.isInteger
            default:
                false
            }
        }
    }

    /// An inclusive end of a range.
    enum Bound: Sendable {
        case atLeast(Int)
        case atMost(Int)

        func allows(_ count: Int) -> Bool {
            switch self {
            case .atLeast(let limit): count >= limit
            case .atMost(let limit): count <= limit
            }
        }
    }

    /// What a length keyword counts.
    enum Countable: Sendable {
        case codePoints
        case items
        case members

        func count(in value: JSON) -> Int? {
            switch (self, value) {
            case (.codePoints, .string(let string)): string.unicodeScalars.count
            case (.items, .array(let elements)): elements.count
            case (.members, .object(let object)): object.count
            default: nil
            }
        }
    }
}
