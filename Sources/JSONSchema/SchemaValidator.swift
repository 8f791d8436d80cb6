import JSON

/// One validation: walks the value and the nodes together and gathers violations.
struct SchemaValidator {
    private let nodes: [SchemaNode]
    private var violations: [JSONSchemaViolation] = []
    private var path: [String] = []
    private var steps = 0
    /// How many subschemas are being applied within one another.
    private var nesting = 0
    /// Set once the work is over the limit: the verdict is then "invalid", whatever branch is being tried.
    private var isExhausted = false

    /// A chain of references may be as long as the schema is large, and every link takes stack.
    private static let maxNesting = 1_024

    init(nodes: [SchemaNode]) {
        self.nodes = nodes
    }

    mutating func validate(_ value: JSON, against root: Int) -> [JSONSchemaViolation] {
        apply(root, to: value)
        guard isExhausted else { return violations }
        return [
            JSONSchemaViolation(
                pointer: .root,
                keyword: "$ref",
                schemaPointer: .root,
                message: "The value takes too many steps to validate."
            )
        ]
    }

    private mutating func apply(_ index: Int, to value: JSON) {
        let node = nodes[index]
        steps += node.assertions.reduce(1) { $0 + $1.steps(for: value) }
        if steps > JSONSchema.maxSteps || nesting >= Self.maxNesting { isExhausted = true }
        guard !isExhausted, violations.count < JSONSchema.maxViolations else { return }
        nesting += 1
        defer { nesting -= 1 }
        guard node.allowsAnything else {
            report("false", at: node, "No value is allowed here.")
            return
        }
        for assertion in node.assertions {
            if let (keyword, message) = assertion.violation(of: value) { report(keyword, at: node, message) }
        }
        for applicator in node.applicators { apply(applicator, of: node, to: value) }
    }

    private mutating func apply(_ applicator: SchemaNode.Applicator, of node: SchemaNode, to value: JSON) {
        switch applicator {
        case .reference(let target):
            apply(target, to: value)
        case .allOf(let targets):
            for target in targets { apply(target, to: value) }
        case .anyOf(let targets):
            if !targets.contains(where: { accepts($0, value) }) {
                report("anyOf", at: node, "The value must match at least one of \(targets.count) schemas.")
            }
        case .oneOf(let targets):
            let matches = targets.count { accepts($0, value) }
            if matches != 1 {
                report("oneOf", at: node, "The value must match one of \(targets.count) schemas, not \(matches).")
            }
        case .not(let target):
            if accepts(target, value) { report("not", at: node, "The value must not match the schema.") }
        case .properties, .additionalProperties, .propertyNames:
            guard case .object(let object) = value else { return }
            applyToMembers(applicator, of: node, object)
        case .prefixItems(let targets):
            guard case .array(let elements) = value else { return }
            for (position, target) in targets.enumerated() where position < elements.count {
                descend(String(position), target, elements[position])
            }
        case .items(let target, let start):
            guard case .array(let elements) = value, start < elements.count else { return }
            for position in start..<elements.count { descend(String(position), target, elements[position]) }
        }
    }

    private mutating func applyToMembers(
        _ applicator: SchemaNode.Applicator,
        of node: SchemaNode,
        _ object: JSONObject
    ) {
        switch applicator {
        case .properties(let names, let schemas):
            for (name, target) in zip(names.keys, schemas) {
                if let member = object[name] { descend(name, target, member) }
            }
        case .additionalProperties(let target, let names):
            for (name, member) in object where !names.contains(name) {
                if nodes[target].allowsAnything {
                    descend(name, target, member)
                } else {
                    path.append(name)
                    report("additionalProperties", at: node, "No member of this name is allowed.")
                    path.removeLast()
                }
            }
        case .propertyNames(let target):
            for name in object.keys where !accepts(target, .string(name)) {
                path.append(name)
                report("propertyNames", at: node, "The name of the member is not allowed.")
                path.removeLast()
            }
        case .reference, .allOf, .anyOf, .oneOf, .not, .prefixItems, .items:
            return
        }
    }

    private mutating func descend(_ token: String, _ target: Int, _ value: JSON) {
        guard !isExhausted, violations.count < JSONSchema.maxViolations else { return }
        path.append(token)
        apply(target, to: value)
        path.removeLast()
    }

    /// Whether the value matches, without reporting why not.
    private mutating func accepts(_ target: Int, _ value: JSON) -> Bool {
        let saved = violations
        violations = []
        apply(target, to: value)
        let matches = violations.isEmpty
        violations = saved
        return matches
    }

    private mutating func report(_ keyword: String, at node: SchemaNode, _ message: String) {
        guard violations.count < JSONSchema.maxViolations else { return }
        violations.append(
            JSONSchemaViolation(
                pointer: JSONPointer(tokens: path),
                keyword: keyword,
                schemaPointer: node.pointer,
                message: message
            )
        )
    }
}
