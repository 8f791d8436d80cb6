public import JSON
import PropertySupport

extension DocumentGenerator {
    /// A patch that the document takes, of up to `count` operations of all six kinds, and what it makes of the document.
    public mutating func patch(for document: JSON, count: Int) -> (patch: JSONPatch, result: JSON) {
        var (operations, present) = ([JSONPatch.Operation](), document)
        for _ in 0..<count {
            let operation = operation(for: present)
            // What does not fit, such as a move of a value into itself, is thrown away.
            guard let next = try? JSONPatch(operations: [operation]).apply(to: present) else { continue }
            operations.append(operation)
            present = next
        }
        return (JSONPatch(operations: operations), present)
    }

    private mutating func operation(for document: JSON) -> JSONPatch.Operation {
        let (place, value) = someplace(in: document)
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: return .add(place.appending(newToken(in: value)), self.value(depth: 2))
        case 2: return .add(place, self.value(depth: 2))
        case 3, 4: return .remove(place)
        case 5: return .move(from: place, to: someplace(in: document).pointer)
        case 6: return .copy(from: place, to: someplace(in: document).pointer)
        case 7: return .test(place, value)
        default: return .replace(place, chance(50) ? self.value(depth: 2) : changed(value, depth: 2))
        }
    }

    /// A place that exists, more often than not one of those that were chosen before.
    private mutating func someplace(in document: JSON) -> (pointer: JSONPointer, value: JSON) {
        var (tokens, value) = ([String](), document)
        while !chance(20) {
            switch value {
            case .object(let object) where !object.isEmpty:
                let keys = object.keys
                let key = keys[chance(60) ? 0 : Int.random(in: 0..<keys.count, using: &random)]
                tokens.append(key)
                value = object[key] ?? .null
            case .array(let elements) where !elements.isEmpty:
                let index = chance(60) ? 0 : Int.random(in: 0..<elements.count, using: &random)
                tokens.append(String(index))
                value = elements[index]
            default:
                return (JSONPointer(tokens: tokens), value)
            }
        }
        return (JSONPointer(tokens: tokens), value)
    }

    private mutating func newToken(in container: JSON) -> String {
        switch container {
        case .array(let elements): chance(40) ? "-" : String(Int.random(in: 0...elements.count, using: &random))
        default: chance(30) ? String(Int.random(in: 0...3, using: &random)) : string()
        }
    }
}
