import Domain
import Identity
import JSON
import Reactor
import Server
import Streams

// Subscriptions: the answer first, then every event, and no more than the peer takes.

extension RPCSession {
    func subscribe(
        _ request: RPCRequest,
        _ ticket: RPCTicket,
        _ principal: Principal,
        resumes: Bool
    ) throws {
        let name = try Self.stream(request.params)
        guard principal.may(name == .prompts ? .readPrompts : .readFlows) else { throw Problem(.forbidden) }
        guard hub != nil else { throw AttachError.unavailable }
        let attach = AttachRequest(
            tenant: principal.tenant.id,
            stream: name,
            since: resumes ? try Self.since(request.params) : nil,
            filter: try Self.filter(request.params, name, principal)
        )
        let worker = self.worker
        try spawn("stream:\(name)") { await worker.attach(attach, ticket, $0) }
    }

    func unsubscribe(_ request: RPCRequest, _ ticket: RPCTicket) throws {
        let name = try Self.stream(request.params)
        let worker = self.worker
        try spawn("stream:\(name)") { await worker.detach(name, ticket, $0) }
    }

    /// Positions are not needed here: nothing is kept for a client that the database does not have.
    func acknowledge(_ request: RPCRequest, _ ticket: RPCTicket) throws {
        _ = try Self.stream(request.params)
        _ = try Self.position(request.params, "seq")
        answer(ticket, .success([:]))
    }

    /// A subscription takes the place of an older one of the same stream.
    func beginAttaching(_ name: StreamName, _ ticket: RPCTicket) -> Bool {
        forget(name)
        guard streams.count < services.configuration.maximumSubscriptions else {
            let limit = services.configuration.maximumSubscriptions
            answer(ticket, .failure(Problem(.tooManyRequests, "At most \(limit) subscriptions.")))
            return false
        }
        streams[name] = AttachedStream(name, ticket: ticket)
        return true
    }

    func attachFailed(_ name: StreamName, _ ticket: RPCTicket, _ error: AttachError) {
        forget(name)
        answer(ticket, .failure(Problem(error)))
    }

    func forget(_ name: StreamName) {
        guard let stream = streams.removeValue(forKey: name) else { return }
        stream.subscription.map { hub?.remove($0) }
    }

    /// The answer has gone out: what waited for it follows.
    func release(_ stream: AttachedStream) {
        guard streams[stream.name] === stream else { return }
        stream.isAnswered = true
        let held = stream.held
        stream.held = []
        for message in held { channel.send(message) }
        if stream.isPaused { resume(stream) }
    }

    func resume(_ stream: AttachedStream) {
        guard channel.canTakeMore, let subscription = stream.subscription else { return }
        stream.isPaused = false
        hub?.resume(subscription)
    }

    private static func stream(_ params: JSONObject) throws(Problem) -> StreamName {
        // What names no stream is answered like a stream that is not there.
        guard let name = StreamName(try params.requiredText("stream")) else { throw Problem(.notFound) }
        return name
    }

    private static func since(_ params: JSONObject) throws(Problem) -> Position? {
        guard let since = params.value("since") else { return nil }
        guard case .object(let object) = since, let epoch = object["epoch"]?.string,
            let seq = try position(object, "seq", in: "/since")
        else {
            throw Problem(.invalidInput, faults: [.init(pointer: "/since", message: "must have an epoch and a seq")])
        }
        return Position(epoch: epoch, seq: seq)
    }

    private static func filter(
        _ params: JSONObject,
        _ name: StreamName,
        _ principal: Principal
    ) throws(Problem) -> ViewFilter? {
        switch name {
        case .flow: return nil
        case .prompts: return .prompts(subject: principal.subject, roles: principal.roles)
        case .flows:
            guard let filter = params.value("filter") else { return .flows(status: nil, type: nil) }
            guard case .object(let object) = filter else {
                throw Problem(.invalidInput, faults: [.init(pointer: "/filter", message: "must be an object")])
            }
            for name in object.keys where name != "status" && name != "type" {
                throw Problem(.invalidInput, faults: [.init(pointer: "/filter/\(name)", message: "is not known here")])
            }
            let word = try object.text("status", in: "/filter")
            let status = word.flatMap(FlowStatus.init)
            guard word == nil || status != nil else {
                throw Problem(.invalidInput, faults: [.init(pointer: "/filter/status", message: "is no status")])
            }
            return .flows(status: status, type: try object.text("type", in: "/filter"))
        }
    }
}

extension RPCSession: StreamSubscriber {
    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) {
        guard let stream = streams[reply.stream], let ticket = stream.ticket.take() else {
            hub?.remove(subscription)
            return
        }
        stream.subscription = subscription
        var result: JSONObject = [
            "stream": JSON(reply.stream.text),
            "epoch": JSON(reply.position.epoch),
            "seq": JSON(Int(reply.position.seq)),
            "mode": reply.snapshot == nil ? "patches" : "snapshot",
        ]
        if let snapshot = reply.snapshot { result["snapshot"] = snapshot }
        if let digest = reply.digest { result["digest"] = JSON(digest) }
        if let batch = ticket.batch {
            batches[batch]?.streams.append(stream)
            answer(ticket, .success(.object(result)))
        } else {
            answer(ticket, .success(.object(result)))
            stream.isAnswered = true
        }
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        guard let stream = streams[entry.stream], stream.subscription === subscription else { return false }
        let message = entry.encoded(as: EventNotification.self)
        if stream.isAnswered { channel.send(message) } else { stream.held.append(message) }
        stream.isPaused = !stream.isAnswered || !channel.canTakeMore
        return !stream.isPaused
    }

    /// The client attaches again when it comes back, from where it stands.
    func streamLost(_ subscription: Subscription) { close(Problem(.busy)) }
}

extension Worker {
    fileprivate func attach(_ request: AttachRequest, _ ticket: RPCTicket, _ connection: ChannelID) async {
        guard let session = rpcSession(connection) else { return }
        if session.beginAttaching(request.stream, ticket) {
            do throws(AttachError) {
                try await subscribe(request) { $0.rpcSession(connection) }
            } catch {
                rpcSession(connection)?.attachFailed(request.stream, ticket, error)
            }
        }
        rpcSession(connection)?.commandEnded()
    }

    fileprivate func detach(_ name: StreamName, _ ticket: RPCTicket, _ connection: ChannelID) {
        guard let session = rpcSession(connection) else { return }
        session.forget(name)
        session.answer(ticket, .success([:]))
        session.commandEnded()
    }
}
