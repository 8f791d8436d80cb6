public import JSON

/// One JSON Schema (2020-12) of the wire.
public struct WireSchema: Sendable {
    /// Its name in the OpenAPI document.
    public let name: String
    /// The schema; references to others are of the OpenAPI document's form.
    let schema: JSON

    init(_ name: String, _ schema: JSON) {
        self.name = name
        self.schema = schema
    }

    /// All of them.
    public static let all: [WireSchema] = identity + flow + agent + prompt + stream + record + webhooks

    /// Those that are published as files of their own, with what they refer to.
    public static let published = ["Flow", "Prompt", "Decision", "EventNotification", "Problem"]

    /// The name of a published schema's file.
    public var fileName: String {
        var name = ""
        for character in self.name {
            if character.isUppercase, !name.isEmpty { name.append("-") }
            name += character.lowercased()
        }
        return name + ".json"
    }

    /// A published schema as a file: whole in itself, with what it refers to under `$defs`.
    public var file: JSON {
        var object: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": JSON(name),
        ]
        for (key, value) in Self.localised(schema).object ?? [:] { object[key] = value }
        let others = Self.references(of: schema, found: [])
        if !others.isEmpty {
            object["$defs"] = .object(
                JSONObject(Self.all.filter { others.contains($0.name) }.map { ($0.name, Self.localised($0.schema)) })
            )
        }
        return .object(object)
    }

    private static let prefix = "#/components/schemas/"

    static func reference(_ name: String) -> JSON { ["$ref": JSON(prefix + name)] }

    /// The schema with references that work within a file.
    private static func localised(_ schema: JSON) -> JSON {
        switch schema {
        case .object(let object):
            if let target = object["$ref"]?.string {
                return ["$ref": JSON("#/$defs/" + target.dropFirst(prefix.count))]
            }
            return .object(JSONObject(object.map { ($0.key, localised($0.value)) }))
        case .array(let items): return .array(items.map(localised))
        case .null, .bool, .number, .string: return schema
        }
    }

    private static func references(of schema: JSON, found: Set<String>) -> Set<String> {
        var found = found
        switch schema {
        case .object(let object):
            if let target = object["$ref"]?.string.map({ String($0.dropFirst(prefix.count)) }) {
                guard found.insert(target).inserted, let other = all.first(where: { $0.name == target }) else { break }
                found = references(of: other.schema, found: found)
            }
            for value in object.values { found = references(of: value, found: found) }
        case .array(let items):
            for item in items { found = references(of: item, found: found) }
        case .null, .bool, .number, .string: break
        }
        return found
    }
}
