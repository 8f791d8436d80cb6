import HTTP
import HTTPTypes
import JSON
import Server

extension Call {
    /// The content as JSON.
    /// - Throws: ``Problem`` for another content type, `JSONError`.
    func json() throws -> JSON {
        try checkContentType()
        return try JSON.parse(request.body)
    }

    /// The content as a JSON object that has no members but these.
    func object(_ members: Set<String>) throws -> JSONObject {
        guard case .object(let object) = try json() else {
            throw Problem(.invalidInput, faults: [.init(pointer: "", message: "The content must be an object")])
        }
        let unknown = object.keys.filter { !members.contains($0) }
        guard unknown.isEmpty else {
            throw Problem(
                .invalidInput,
                faults: unknown.map {
                    .init(pointer: JSONPointer(tokens: [$0]).text, message: "is not a member of this content")
                }
            )
        }
        return object
    }

    /// The content type, one of those the route takes.
    @discardableResult
    func checkContentType() throws -> MediaType {
        guard case .json(_, let types) = route.body else { throw Problem(.unsupportedMediaType) }
        let given = try head.contentType()
        guard let given, types.contains(given.essence) else {
            var problem = Problem(.unsupportedMediaType, "It must be \(types.joined(separator: " or ")).")
            if head.method == .patch { problem.headers[.acceptPatch] = types.joined(separator: ", ") }
            throw problem
        }
        return given
    }
}

extension JSONObject {
    /// A member that must be a string where it is there. `null` is absence. `parent` is where this object stands.
    func text(_ name: String, in parent: String = "") throws(Problem) -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let text = value.string else {
            throw Problem(.invalidInput, faults: [.init(pointer: "\(parent)/\(name)", message: "must be a string")])
        }
        return text
    }

    /// A string that must be there.
    func requiredText(_ name: String) throws(Problem) -> String {
        guard let text = try text(name) else {
            throw Problem(.invalidInput, faults: [.init(pointer: "/\(name)", message: "is required")])
        }
        return text
    }

    /// A member that must be a position where it is there. `null` is absence.
    func position(_ name: String) throws(Problem) -> Int64? {
        guard let value = value(name) else { return nil }
        guard let number = value.int, number >= 0 else {
            throw Problem(
                .invalidInput,
                faults: [.init(pointer: "/\(name)", message: "must be an integer from 0 on")]
            )
        }
        return Int64(number)
    }

    /// A member that must be a truth value where it is there; false where it is not.
    func flag(_ name: String) throws(Problem) -> Bool {
        guard let value = value(name) else { return false }
        guard let flag = value.bool else {
            throw Problem(.invalidInput, faults: [.init(pointer: "/\(name)", message: "must be true or false")])
        }
        return flag
    }

    /// A member that is not `null`.
    func value(_ name: String) -> JSON? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }
}
