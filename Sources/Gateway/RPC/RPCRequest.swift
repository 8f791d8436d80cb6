import JSON

/// One JSON-RPC 2.0 request or notification.
struct RPCRequest: Sendable, Equatable {
    /// Nil for a notification, which gets no answer.
    let id: JSON?
    let method: String
    let params: JSONObject

    /// What a message holds.
    enum Message: Sendable {
        case single(Result<RPCRequest, Refusal>)
        /// Never empty (JSON-RPC 2.0, section 6).
        case batch([Result<RPCRequest, Refusal>])
    }

    /// Why something is no request, with the id to answer under: null when it cannot be told.
    struct Refusal: Error, Sendable {
        let id: JSON
        let problem: Problem
    }

    /// The most requests in one batch.
    static let maximumBatch = 64
    private static let limits = JSONLimits(maxDepth: 128)

    /// Reads a message.
    static func read(_ text: Span<UInt8>) -> Message {
        let json: JSON
        do {
            json = try JSON.parse(text, limits: limits)
        } catch {
            return .single(.failure(Refusal(id: .null, problem: Problem(error))))
        }
        guard case .array(let items) = json else {
            return .single(Result { () throws(Refusal) in try RPCRequest(json) })
        }
        guard (1...maximumBatch).contains(items.count) else {
            let problem = Problem(.invalidRequest, "A batch must have 1 to \(maximumBatch) requests.")
            return .single(.failure(Refusal(id: .null, problem: problem)))
        }
        return .batch(items.map { item in Result { () throws(Refusal) in try RPCRequest(item) } })
    }

    init(_ json: JSON) throws(Refusal) {
        guard case .object(let object) = json else {
            throw Refusal(id: .null, problem: Problem(.invalidRequest, "A request must be an object."))
        }
        let id = object["id"]
        switch id {
        case nil, .string, .number, .null: break
        case .bool, .array, .object:
            throw Refusal(id: .null, problem: Problem(.invalidRequest, "id must be a string, a number or null."))
        }
        let answerID = id ?? .null
        guard object["jsonrpc"]?.string == "2.0" else {
            throw Refusal(id: answerID, problem: Problem(.invalidRequest, "jsonrpc must be \"2.0\"."))
        }
        guard let method = object["method"]?.string else {
            throw Refusal(id: answerID, problem: Problem(.invalidRequest, "method must be a string."))
        }
        switch object["params"] {
        case nil: params = [:]
        case .object(let named): params = named
        default:
            let fault = Problem.Fault(pointer: "", message: "params must be an object")
            throw Refusal(id: answerID, problem: Problem(.invalidInput, faults: [fault]))
        }
        self.id = id
        self.method = method
    }
}

/// The forms of what is sent.
enum RPCText {
    static func result(_ id: JSON, _ result: JSON) -> JSON { ["jsonrpc": "2.0", "id": id, "result": result] }

    static func error(_ id: JSON, _ problem: Problem) -> JSON {
        ["jsonrpc": "2.0", "id": id, "error": problem.rpcError]
    }

    static func notification(_ method: String, _ params: JSON) -> [UInt8] {
        JSON.object(["jsonrpc": "2.0", "method": JSON(method), "params": params]).serialized()
    }
}
