import Domain
import Identity
import JSON
import Reactor
import Server
import Streams
import WebSocket

// Subscriptions: the answer first, then every event, and no more than the peer takes.

extension RPCSession {
    func subscribe(
        _ request: RPCRequest,
        _ ticket: RPCTicket,
        _ principal: Principal,
        resumes: Bool
    ) throws {
        let name = try Self.stream(request.params)
        guard principal.mayRead(name) else { throw Problem(.forbidden) }
        guard hub != nil else { throw AttachError.unavailable }
        let attach = AttachRequest(
            tenant: principal.tenant.id,
            stream: name,
            since: resumes ? try Self.since(request.params) : nil,
            filter: try Self.filter(request.params, name, principal),
            isResync: !resumes
        )
        let worker = self.worker
        try spawn("stream:\(name)") { await worker.attach(attach, ticket, $0) }
    }

    func unsubscribe(_ request: RPCRequest, _ ticket: RPCTicket) throws {
        let name = try Self.stream(request.params)
        let worker = self.worker
        try spawn("stream:\(name)") { await worker.detach(name, ticket, $0) }
    }

    /// Notes how far the client is, which is how fast it may be sent more.
    func acknowledge(_ request: RPCRequest, _ ticket: RPCTicket) throws {
        let name = try Self.stream(request.params)
        guard let seq = try Self.position(request.params, "seq") else {
            throw Problem(.invalidInput, faults: [.init(pointer: "/seq", message: "is required")])
        }
        let part = try Self.position(request.params, "part")
        acknowledges = true
        if let stream = streams[name] {
            stream.window.acknowledge(.init(seq: seq, part: part.map { Int($0) }), now: loop.now)
            while pump(stream) {}
        }
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

    func forget(_ name: StreamName) {
        guard let stream = streams.removeValue(forKey: name) else { return }
        end(stream)
    }

    func end(_ stream: AttachedStream) {
        if let subscription = stream.subscription.take() { hub?.remove(subscription) }
        stream.settle()
    }

    /// The answer has gone out: what waited for it follows.
    func release(_ stream: AttachedStream) {
        guard streams[stream.name] === stream else { return }
        stream.isAnswered = true
        while pump(stream) {}
    }

    /// Sends the next part of a snapshot, or lets the hub go on where there is none.
    /// - Returns: whether a part was sent.
    func pump(_ stream: AttachedStream) -> Bool {
        guard stream.isPaused, canTake(stream) else { return false }
        if sendPart(of: stream) { return true }
        if let subscription = stream.subscription {
            stream.isPaused = false
            hub?.resume(subscription)
        }
        return false
    }

    /// Lets all streams go on that wait, a part of each in turn: the inbox first, and then beginning with another one each
    /// time.
    func pumpAll() {
        let waiting = streams.values.filter(\.isPaused).sorted { $0.turn < $1.turn }
        for stream in waiting where stream.name == .prompts { _ = pump(stream) }
        var sending = waiting
        while channel.canTakeMore, !sending.isEmpty {
            sending = sending.filter { stream in
                stream.turn = nextNumber()
                return pump(stream)
            }
        }
    }

    private func canTake(_ stream: AttachedStream) -> Bool {
        guard stream.isAnswered, channel.canTakeMore else { return false }
        guard acknowledges != false, !stream.window.isOpen else { return true }
        awaitAcknowledgement()
        return false
    }

    private func sendPart(of stream: AttachedStream) -> Bool {
        guard let part = stream.takePart() else { return false }
        send(part.message, part.mark, stream)
        return true
    }

    private func send(_ message: OutgoingMessage, _ mark: AckWindow.Mark, _ stream: AttachedStream) {
        if acknowledges != false { stream.window.send(mark, bytes: message.payload.count, now: loop.now) }
        channel.send(message)
    }

    /// A client that never acknowledges is held back by its socket only; one that did and stops is not waited for longer
    /// than the limit.
    private func awaitAcknowledgement() {
        guard !isWatching else { return }
        isWatching = true
        let delay = acknowledges == nil ? Self.acknowledgementGrace : Self.progressLimit
        loop.schedule(after: delay) { [weak self] in self?.checkProgress() }
    }

    private func checkProgress() {
        isWatching = false
        guard case .ready = phase else { return }
        if acknowledges == nil {
            acknowledges = false
            for stream in streams.values { stream.window.forget() }
            return pumpAll()
        }
        let limit = UInt64(Self.progressLimit / .nanoseconds(1))
        let blocked = streams.values.map(\.window).filter { !$0.isOpen }
        if let oldest = blocked.compactMap(\.waitingSince).min(), loop.now - min(oldest, loop.now) >= limit {
            return close(Problem(.noProgress), limit: "progress_time of \(Self.progressLimit)")
        }
        if !blocked.isEmpty { awaitAcknowledgement() }
    }

    /// How long the first acknowledgement may take before the client counts as one that does not acknowledge.
    private static let acknowledgementGrace = Duration.seconds(1)
    /// How long what was sent may stay unacknowledged while more waits for it.
    private static let progressLimit = Duration.seconds(30)

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
    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        guard let stream = stream(of: subscription), let ticket = stream.ticket.take() else { return false }
        let result: JSON
        if let snapshot = reply.snapshot {
            result = snapshot.encoded(as: SubscribeResult.self)
            if !SubscribeResult.isInline(snapshot) {
                stream.begin(snapshot.encoded(as: SnapshotNotification.self))
            }
        } else {
            result = SubscribeResult.patches(of: reply.stream, from: reply.position)
        }
        if let batch = ticket.batch { batches[batch]?.streams.append(stream) }
        answer(ticket, .success(result))
        if ticket.batch == nil { stream.isAnswered = true }
        stream.settle()
        return goesOn(stream)
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        guard let stream = stream(of: subscription) else { return false }
        send(entry.encoded(as: EventNotification.self), .init(seq: entry.position.seq, part: nil), stream)
        return goesOn(stream)
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        guard let stream = stream(of: subscription) else { return false }
        stream.begin(snapshot.encoded(as: SnapshotNotification.self))
        return goesOn(stream)
    }

    /// The client attaches again when it comes back, from where it stands.
    func streamEnded(_ error: AttachError, _ subscription: Subscription) {
        guard let stream = stream(of: subscription) else { return }
        stream.subscription = nil
        guard let ticket = stream.ticket.take() else { return close(Problem(.busy)) }
        forget(stream.name)
        answer(ticket, .failure(Problem(error)))
    }

    private func stream(of subscription: Subscription) -> AttachedStream? {
        guard let stream = streams[subscription.request.stream], stream.subscription === subscription else {
            return nil
        }
        return stream
    }

    /// Sends what parts can be sent, and says whether the hub may give more.
    private func goesOn(_ stream: AttachedStream) -> Bool {
        while canTake(stream), sendPart(of: stream) {}
        stream.isPaused = stream.hasParts || !canTake(stream)
        return !stream.isPaused
    }
}

extension Worker {
    /// Begins a subscription, and returns when it was answered, so that the next command on the stream comes after it.
    fileprivate func attach(_ request: AttachRequest, _ ticket: RPCTicket, _ connection: ChannelID) async {
        guard let session = rpcSession(connection) else { return }
        // The connection of a session that has ended lives on until its closing handshake is over.
        if session.isReady, let hub = session.hub, session.beginAttaching(request.stream, ticket),
            let stream = session.streams[request.stream]
        {
            await withCheckedContinuation { continuation in
                stream.onSettled = { continuation.resume() }
                stream.subscription = hub.subscribe(request, session)
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
