import Domain
import JSON

extension Decision {
    private static let members: Set<String> = [
        "prompt", "verb", "response", "arguments", "reason", "shown_digest", "version", "idempotency_key",
    ]

    /// Reads a decision as it is sent over any wire. Nothing is guessed: what is missing, unknown or of the wrong type is
    /// refused, all of it at once.
    /// - Parameter key: the `Idempotency-Key` field, which stands in for a missing `idempotency_key`.
    /// - Throws: ``Problem`` `invalid_decision`.
    init(request: JSON, key: String? = nil) throws(Problem) {
        guard case .object(let object) = request else {
            throw Problem(.invalidDecision, faults: [.init(pointer: "", message: "A decision must be an object")])
        }
        var faults: [Problem.Fault] = object.keys.filter { !Self.members.contains($0) }.map {
            .init(pointer: JSONPointer(tokens: [$0]).text, message: "is not a member of a decision")
        }
        func text(_ name: String) -> String? {
            guard let value = object.value(name) else { return nil }
            if value.string == nil { faults.append(.init(pointer: "/\(name)", message: "must be a string")) }
            return value.string ?? ""
        }
        func required(_ name: String, _ text: String?) -> String {
            if text?.isEmpty ?? true, !faults.contains(where: { $0.pointer == "/\(name)" }) {
                faults.append(.init(pointer: "/\(name)", message: "is required"))
            }
            return text ?? ""
        }
        let word = required("verb", text("verb"))
        let verb = Verb(rawValue: word)
        if verb == nil, !word.isEmpty {
            let verbs = Verb.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(.init(pointer: "/verb", message: "must be one of \(verbs)"))
        }
        let reason = text("reason")
        let shownDigest = required("shown_digest", text("shown_digest"))
        let idempotencyKey = required("idempotency_key", text("idempotency_key") ?? key)
        var version: Int?
        if let value = object.value("version") {
            version = value.int
            if version == nil { faults.append(.init(pointer: "/version", message: "must be a whole number")) }
        }
        guard let verb, faults.isEmpty else { throw Problem(.invalidDecision, faults: faults) }
        self.init(
            verb: verb,
            response: object.value("response"),
            arguments: object.value("arguments"),
            reason: reason,
            shownDigest: shownDigest,
            version: version,
            idempotencyKey: idempotencyKey
        )
    }
}
