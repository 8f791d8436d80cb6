import Approvals
import Domain
import Flows
import Identity
import JSON
import Reactor
import Server

/// The methods of the wire.
enum RPCMethod: String, CaseIterable, Sendable {
    case hello
    case subscribe
    case unsubscribe
    case resync
    case ack
    case patch
    case claim = "prompt.claim"
    case release = "prompt.release"
    case decide = "prompt.decide"
    case refresh = "auth.refresh"
    case ping

    /// The action of the table of permissions it needs; the streams have their own.
    var action: Action? {
        switch self {
        case .patch: .patchState
        case .claim, .release: .claimPrompts
        case .decide: .decidePrompts
        case .hello, .subscribe, .unsubscribe, .resync, .ack, .refresh, .ping: nil
        }
    }
}

extension RPCSession {
    static let auditChannel = "websocket"

    /// Begins to carry out a request.
    /// - Throws: why not.
    func perform(_ request: RPCRequest, _ ticket: RPCTicket, as principal: Principal) throws {
        guard let method = RPCMethod(rawValue: request.method) else { throw Problem(.methodNotFound) }
        if let action = method.action, !principal.may(action) { throw Problem(.forbidden) }
        switch method {
        case .hello: throw Problem(.invalidRequest, "hello was said already.")
        case .ping: answer(ticket, .success(["time": JSON(Timestamp.now().rfc3339)]))
        case .ack: try acknowledge(request, ticket)
        case .subscribe: try subscribe(request, ticket, principal, resumes: true)
        case .resync: try subscribe(request, ticket, principal, resumes: false)
        case .unsubscribe: try unsubscribe(request, ticket)
        case .patch: try patch(request, ticket, principal)
        case .claim, .release: try claim(request, ticket, principal, releases: method == .release)
        case .decide: try decide(request, ticket, principal)
        case .refresh:
            let token = try request.params.requiredText("token")
            let (services, worker) = (self.services, self.worker)
            try spawn("auth") { await worker.refresh(token, ticket, $0, services) }
        }
    }

    private func patch(_ request: RPCRequest, _ ticket: RPCTicket, _ principal: Principal) throws {
        let flow: FlowID = try Self.id(request.params, "flow")
        let patch = try JSONPatch(json: request.params["patch"] ?? .null)
        let expected = try Self.position(request.params, "if_seq")
        let (services, worker) = (self.services, self.worker)
        try spawn("flow:\(flow)") { connection in
            await worker.perform(ticket, connection, services, as: principal) {
                let done = try await services.flows.change(flow, .patch(patch), ifSeq: expected, by: principal)
                return ["seq": JSON(Int(done.seq)), "digest": JSON(done.digest)]
            }
        }
    }

    private func claim(
        _ request: RPCRequest,
        _ ticket: RPCTicket,
        _ principal: Principal,
        releases: Bool
    ) throws {
        let prompt: PromptID = try Self.id(request.params, "prompt")
        let (services, worker) = (self.services, self.worker)
        try spawn("prompt:\(prompt)") { connection in
            await worker.perform(ticket, connection, services, as: principal) {
                let approvals = services.approvals
                let changed =
                    releases
                    ? try await approvals.release(prompt, by: principal, channel: Self.auditChannel)
                    : try await approvals.claim(prompt, by: principal, channel: Self.auditChannel)
                return changed.json
            }
        }
    }

    private func decide(_ request: RPCRequest, _ ticket: RPCTicket, _ principal: Principal) throws {
        let prompt: PromptID = try Self.id(request.params, "prompt")
        let decision = try Decision(request: .object(request.params))
        let (services, worker) = (self.services, self.worker)
        try spawn("prompt:\(prompt)") { connection in
            await worker.perform(ticket, connection, services, as: principal) {
                try await services.approvals.decide(
                    prompt,
                    with: decision,
                    by: principal,
                    channel: Self.auditChannel
                )
            }
        }
    }

    /// An id that must be there. What is no id names nothing, as over HTTP.
    private static func id<Entity>(_ params: JSONObject, _ name: String) throws(Problem) -> Identifier<Entity> {
        guard let id = Identifier<Entity>(try params.requiredText(name)) else { throw Problem(.notFound) }
        return id
    }

    static func position(_ params: JSONObject, _ name: String, in parent: String = "") throws(Problem) -> Int64? {
        guard let value = params.value(name) else { return nil }
        guard let number = value.int, number >= 0 else {
            throw Problem(
                .invalidInput,
                faults: [.init(pointer: "\(parent)/\(name)", message: "must be a whole number")]
            )
        }
        return Int64(number)
    }
}
