import Domain
import HTTPTypes
import JSON
import Server

/// A refusal, before it becomes an RFC 9457 document or a JSON-RPC error.
struct Problem: Error, Sendable {
    /// What kind.
    let code: ProblemCode
    /// What happened in this case, in one sentence; nil when the title says it all.
    var detail: String?
    /// What the caller needs to act: `errors`, `outcome`, `claim` …
    var members: JSONObject = [:]
    /// Fields that HTTP asks for with the status: `Allow`, `Retry-After`, `WWW-Authenticate`.
    var headers = HTTPFields()

    init(_ code: ProblemCode, _ detail: String? = nil, _ members: JSONObject = [:]) {
        self.code = code
        self.detail = detail
        self.members = members
    }

    /// One place that is wrong in what was sent.
    struct Fault: Sendable {
        /// Where, as a JSON Pointer into what was sent.
        let pointer: String
        /// What is wrong, as the end of a sentence that begins with the place.
        let message: String
    }

    /// A refusal of content, with everything that is wrong in it.
    init(_ code: ProblemCode, faults: [Fault]) {
        self.init(code, faults.first.map { $0.pointer.isEmpty ? $0.message : "\($0.pointer) \($0.message)" })
        members["errors"] = .array(
            faults.map { ["pointer": JSON($0.pointer), "message": JSON($0.message)] }
        )
    }

    /// A query parameter or header field that cannot be used.
    static func parameter(_ name: String, _ message: String) -> Problem {
        Problem(.invalidParameter, "\(name) \(message)", ["parameter": JSON(name)])
    }

    /// A refusal for a limit of the server, which it names.
    init(_ code: ProblemCode, _ limit: ReachedLimit) {
        self.init(
            code,
            "The limit \(limit) is reached.",
            ["limit": JSON(limit.value), "limit_name": JSON(limit.name.rawValue)]
        )
    }

    /// A refusal with a `Retry-After` field and member, in seconds.
    func retrying(after seconds: Int) -> Problem {
        var problem = self
        problem.headers[.retryAfter] = String(seconds)
        problem.members["retry_after"] = JSON(seconds)
        return problem
    }

    /// The RFC 9457 document.
    var json: JSON {
        let meaning = code.meaning
        var object: JSONObject = [
            "type": JSON("/docs#\(code.rawValue)"),
            "title": JSON(meaning.title),
            "status": JSON(meaning.status),
            "code": JSON(code.rawValue),
        ]
        if let detail { object["detail"] = JSON(detail) }
        for (key, value) in members { object[key] = value }
        return .object(object)
    }

    /// The JSON-RPC 2.0 error object; its `data` has the same members as the document.
    var rpcError: JSON {
        let meaning = code.meaning
        var data: JSONObject = ["code": JSON(code.rawValue), "status": JSON(meaning.status)]
        if let detail { data["detail"] = JSON(detail) }
        for (key, value) in members { data[key] = value }
        return ["code": JSON(meaning.number), "message": JSON(meaning.title), "data": .object(data)]
    }
}
