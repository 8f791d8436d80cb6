import Agents
import Discovery
import JSON

/// Says what the columns of an export mean.
@Agent("attribute_mapper")
enum MapperAgent {
    static let summary = "Gives the columns of an export to the attributes of assets."
    static let tools: [any Tool.Type] = [MapAttributes.self]
}

/// Maps columns by their names and what is in them.
struct MapAttributes: Tool {
    struct Arguments: Codable, Sendable {
        let columns: Int
    }

    static let name = "map_attributes"
    static let summary = "Proposes which column is which attribute."
    static let schema: JSON = [
        "type": "object",
        "required": ["columns"],
        "additionalProperties": false,
        "properties": ["columns": ["type": "integer", "minimum": 1]],
    ]
    static let risk = Risk.low

    /// What was found in each column; far too much to be an argument.
    let profiles: [ColumnProfile]

    func call(_ arguments: Arguments, _ call: ToolCall) async throws -> AttributeMapping {
        AttributeMapper().map(profiles)
    }

    /// The mapping is in the flow's state.
    static func shown(_ mapping: AttributeMapping) -> JSON {
        let unmapped = mapping.unmapped.count
        return ["mapped": JSON(mapping.columns.count - unmapped), "unmapped": JSON(unmapped)]
    }
}
