extension JSONPatch {
    /// Reads a patch document (RFC 6902 §3–§4). Members that an operation does not define are ignored.
    ///
    /// - Throws: ``JSONPatchError`` with the index of the first malformed operation.
    public init(json: JSON) throws(JSONPatchError) {
        guard case .array(let entries) = json else {
            throw JSONPatchError(index: nil, pointer: "", reason: .notAnArray)
        }
        operations = []
        operations.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            do {
                operations.append(try Operation(json: entry))
            } catch {
                throw JSONPatchError(index: index, pointer: entry["path"]?.string ?? "", reason: error)
            }
        }
    }

    /// The patch document.
    public var json: JSON {
        .array(operations.map(\.json))
    }
}

extension JSONPatch.Operation {
    init(json: JSON) throws(JSONPatchError.Reason) {
        guard case .object(let object) = json else { throw .notAnObject }
        guard let name = object["op"]?.string else { throw .missingMember("op") }
        switch name {
        case "add": self = .add(try object.pointer("path"), try object.value())
        case "remove": self = .remove(try object.pointer("path"))
        case "replace": self = .replace(try object.pointer("path"), try object.value())
        case "move": self = .move(from: try object.pointer("from"), to: try object.pointer("path"))
        case "copy": self = .copy(from: try object.pointer("from"), to: try object.pointer("path"))
        case "test": self = .test(try object.pointer("path"), try object.value())
        default: throw .unknownOperation(name)
        }
    }

    /// The operation as an object of a patch document.
    public var json: JSON {
        switch self {
        case .add(let path, let value): ["op": "add", "path": .string(path.text), "value": value]
        case .remove(let path): ["op": "remove", "path": .string(path.text)]
        case .replace(let path, let value): ["op": "replace", "path": .string(path.text), "value": value]
        case .move(let from, let path): ["op": "move", "from": .string(from.text), "path": .string(path.text)]
        case .copy(let from, let path): ["op": "copy", "from": .string(from.text), "path": .string(path.text)]
        case .test(let path, let value): ["op": "test", "path": .string(path.text), "value": value]
        }
    }
}

extension JSONObject {
    fileprivate func pointer(_ name: String) throws(JSONPatchError.Reason) -> JSONPointer {
        guard let text = self[name]?.string else { throw .missingMember(name) }
        do {
            return try JSONPointer(text)
        } catch {
            throw .invalidPointer(member: name, error)
        }
    }

    fileprivate func value() throws(JSONPatchError.Reason) -> JSON {
        guard let value = self["value"] else { throw .missingMember("value") }
        return value
    }
}
