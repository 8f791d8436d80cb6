import JSON

/// Turns a schema document into nodes, refusing whatever validation would not enforce.
struct SchemaCompiler {
    let document: JSON
    private(set) var nodes: [SchemaNode] = []
    /// The node of every definition that is referred to or has been compiled.
    private var definitions: [JSONPointer: Int] = [:]

    init(document: JSON) {
        self.document = document
    }

    mutating func compileDocument() throws(JSONSchemaError) -> Int {
        try checkRootKeywords()
        // Definitions come first, so that references find them in any order, each other's included.
        let names = document["$defs"]?.object?.keys ?? []
        for name in names {
            let pointer = JSONPointer(tokens: ["$defs", name])
            definitions[pointer] = try reserveNode(at: pointer)
        }
        let root = try compile(document, at: .root)
        try refuseCycles()
        return root
    }

    private func checkRootKeywords() throws(JSONSchemaError) {
        if let dialect = document["$schema"] {
            let known = "https://json-schema.org/draft/2020-12/schema"
            guard let text = dialect.string, text == known || text == known + "#" else {
                throw .invalidKeyword("$schema", at: .root, expected: "\"\(known)\"")
            }
        }
        if let id = document["$id"], id.string == nil {
            throw .invalidKeyword("$id", at: .root, expected: "a string")
        }
    }

    private mutating func reserveNode(at pointer: JSONPointer) throws(JSONSchemaError) -> Int {
        guard nodes.count < JSONSchema.maxSubschemas else {
            throw .tooLarge(limit: JSONSchema.maxSubschemas, at: pointer)
        }
        nodes.append(SchemaNode(pointer: pointer))
        return nodes.count - 1
    }

    /// Compiles the schema at the pointer and returns its node.
    mutating func compile(_ schema: JSON, at pointer: JSONPointer) throws(JSONSchemaError) -> Int {
        // Subschemas take one token or two each (`/properties/name`), so that depth is bounded either way.
        guard pointer.tokens.count <= 2 * JSONSchema.maxDepth else {
            throw .tooDeep(limit: JSONSchema.maxDepth, at: pointer)
        }
        let index: Int
        if let reserved = definitions[pointer] { index = reserved } else { index = try reserveNode(at: pointer) }
        switch schema {
        case .bool(let allowsAnything):
            nodes[index].allowsAnything = allowsAnything
        case .object(let keywords):
            var node = SchemaNode(pointer: pointer)
            for (keyword, value) in keywords {
                try compile(keyword, value, of: keywords, into: &node)
            }
            nodes[index] = node
        case .null, .number, .string, .array:
            throw .notASchema(at: pointer)
        }
        return index
    }

    func definition(_ pointer: JSONPointer) -> Int? {
        definitions[pointer]
    }

    /// References that come back to the same schema without descending into the value would never end.
    private func refuseCycles() throws(JSONSchemaError) {
        enum Mark { case unseen, open, done }
        var marks = [Mark](repeating: .unseen, count: nodes.count)
        for start in nodes.indices where marks[start] == .unseen {
            // An explicit stack: a chain of references may be as long as there are schemas.
            var stack = [(node: start, targets: targets(of: start))]
            marks[start] = .open
            while let top = stack.last {
                guard let next = top.targets.first else {
                    marks[top.node] = .done
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].targets.removeFirst()
                if marks[next] == .open { throw .circularReference(at: nodes[next].pointer) }
                if marks[next] == .unseen {
                    marks[next] = .open
                    stack.append((next, targets(of: next)))
                }
            }
        }
    }

    private func targets(of node: Int) -> ArraySlice<Int> {
        nodes[node].applicators.flatMap(\.inPlaceTargets)[...]
    }
}
