import Domain
import JSON

/// Gives names to what differs from run to run, in the order in which it appears.
struct Names {
    private var names: [String: String]
    private var ids = 0
    private var digests = 0

    init(known: [String: String]) { names = known }

    /// The value with `{{name}}` in place of ids and digests, `{{time}}` and `{{timestamp}}` in place of times.
    mutating func named(_ value: JSON, key: String = "") -> JSON {
        switch value {
        case .string(let text): return .string(named(text))
        case .number where key == "timestamp": return "{{timestamp}}"
        case .array(let items):
            var result: [JSON] = []
            for item in items { result.append(named(item)) }
            return .array(result)
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object { result[named(key)] = named(value, key: key) }
            return .object(result)
        case .null, .bool, .number: return value
        }
    }

    /// The value with what the names stand for.
    func filledIn(_ value: JSON) -> JSON {
        var text = value.text
        for (known, name) in names { text = text.replacing("{{\(name)}}", with: known) }
        return (try? JSON.parse(text)) ?? value
    }

    private mutating func named(_ text: String) -> String {
        if let name = names[text] { return "{{\(name)}}" }
        if Timestamp(rfc3339: text) != nil { return "{{time}}" }
        if text.hasPrefix("sha256:") {
            digests += 1
            return remember(text, as: "digest-\(digests)")
        }
        if Identifier<Never>(text) != nil, !text.hasPrefix("00000000") {
            ids += 1
            return remember(text, as: "id-\(ids)")
        }
        // A name of a stream or subject: `flow:<id>`.
        guard let colon = text.firstIndex(of: ":"), Identifier<Never>(text[text.index(after: colon)...]) != nil else {
            return text
        }
        return String(text[...colon]) + named(String(text[text.index(after: colon)...]))
    }

    private mutating func remember(_ text: String, as name: String) -> String {
        names[text] = name
        return "{{\(name)}}"
    }
}
