import Domain
import HTTP
import HTTPTypes
import Reactor
import Server
import Streams

extension Call {
    /// The events after `Last-Event-ID` or `after`, then live. A position of another epoch gets the whole document first.
    func streamEvents() async throws -> Response {
        let id = try id(of: Flow.self)
        let after = try number("after", in: 0...Int64.max) ?? 0
        let flow = try await read { transaction in
            guard let flow = try await transaction.flows.find(id, locked: false) else { throw Problem(.notFound) }
            return flow
        }
        let attach = AttachRequest(
            tenant: try principal().tenant.id,
            stream: .flow(id),
            since: try lastEvent() ?? Position(epoch: flow.epoch, seq: after),
            filter: nil,
            interest: .everyEvent
        )
        return try eventStream(attach, form: .agentEvents)
    }

    /// A response that tells what happens in a stream until one side has enough.
    func eventStream(_ attach: AttachRequest, form: EventStream.Form) throws -> Response {
        let headers: HTTPFields = [.contentType: MediaType.eventStream.essence, .cacheControl: "no-store"]
        guard head.method != .head else { return Response(status: .ok, headers: headers) }
        guard let caller else { throw Problem.signInFirst }
        let principal = caller.principal
        let services = self.services
        let heartbeat = services.configuration.eventStreamHeartbeat
        let remaining = Duration.microseconds(principal.expiresAt.microseconds - now.microseconds)
        return Response(
            status: .ok,
            headers: headers,
            body: .live { worker, writer in
                let number = worker.openEventStream(
                    writer,
                    form,
                    principal,
                    heartbeat: heartbeat,
                    lifetime: remaining
                )
                guard let number else { return }
                worker.attachment(LocalSubscribers.self)?[number]?.tell(services.status.now)
                worker.follow(attach, number)
                worker.spawn { await worker.checkAgain(caller.proof, number, services) }
            }
        )
    }

    /// The position in `Last-Event-ID`, `<epoch>:<seq>`.
    func lastEvent() throws -> Position? {
        guard let field = head.headers[.lastEventID], !field.isEmpty else { return nil }
        return try Self.position(field, "Last-Event-ID")
    }

    /// A position as text, `<epoch>:<seq>`.
    static func position(_ text: String, _ name: String) throws -> Position {
        guard let colon = text.lastIndex(of: ":"), let seq = Int64(text[text.index(after: colon)...]), seq >= 0 else {
            throw Problem.parameter(name, "must be the id of an event of this stream")
        }
        return Position(epoch: String(text[..<colon]), seq: seq)
    }
}

extension Worker {
    /// Begins the response, without any events yet.
    /// - Returns: its number among ``LocalSubscribers``.
    fileprivate func openEventStream(
        _ writer: ResponseWriter,
        _ form: EventStream.Form,
        _ principal: Principal,
        heartbeat: Duration,
        lifetime: Duration
    ) -> UInt64? {
        guard let hub = attachment(StreamHub.self), let subscribers = attachment(LocalSubscribers.self),
            let sessions = attachment(LocalSessions.self)
        else {
            writer.end()
            return nil
        }
        let stream = EventStream(
            writer,
            form: form,
            tenant: principal.tenant,
            hub: hub,
            loop: loop,
            heartbeat: heartbeat
        )
        let number = subscribers.add(stream)
        let session = principal.sessionKey
        if let session { sessions.add(stream, to: session) }
        stream.onEnd = { [weak stream] in
            subscribers.remove(number)
            if let stream, let session { sessions.remove(stream, from: session) }
        }
        stream.end(after: lifetime)
        return number
    }

    fileprivate func follow(_ request: AttachRequest, _ number: UInt64) {
        (attachment(LocalSubscribers.self)?[number] as? EventStream)?.follow(request)
    }

    /// Ends the response of a session that was revoked before the response was listed under it.
    fileprivate func checkAgain(_ proof: Caller.Proof, _ number: UInt64, _ services: Services) async {
        do {
            _ = try await proof.principal(services.sessions, now: .now())
        } catch {
            if Problem(error).code.meaning.close == 4401 { endEventStream(number) }
        }
    }

    private func endEventStream(_ number: UInt64) {
        (attachment(LocalSubscribers.self)?[number] as? EventStream)?.end()
    }
}
