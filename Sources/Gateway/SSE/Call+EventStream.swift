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
        let headers: HTTPFields = [.contentType: MediaType.eventStream.essence, .cacheControl: "no-store"]
        guard head.method != .head else { return Response(status: .ok, headers: headers) }
        guard let caller else { throw Problem.signInFirst }
        let principal = caller.principal
        let attach = AttachRequest(
            tenant: principal.tenant.id,
            stream: .flow(id),
            since: try lastEvent() ?? Position(epoch: flow.epoch, seq: after),
            filter: nil,
            wantsEveryEvent: true
        )
        let services = self.services
        let heartbeat = services.configuration.eventStreamHeartbeat
        let remaining = Duration.microseconds(principal.expiresAt.microseconds - now.microseconds)
        return Response(
            status: .ok,
            headers: headers,
            body: .live { worker, writer in
                let number = worker.openEventStream(
                    writer,
                    principal.sessionKey,
                    heartbeat: heartbeat,
                    lifetime: remaining
                )
                guard let number else { return }
                worker.spawn {
                    await worker.follow(attach, number)
                    await worker.checkAgain(caller.proof, number, services)
                }
            }
        )
    }

    /// The position in `Last-Event-ID`, `<epoch>:<seq>`.
    private func lastEvent() throws -> Position? {
        guard let field = head.headers[.lastEventID], !field.isEmpty else { return nil }
        guard let colon = field.lastIndex(of: ":"), let seq = Int64(field[field.index(after: colon)...]), seq >= 0
        else {
            throw Problem.parameter("Last-Event-ID", "must be the id of an event of this stream")
        }
        return Position(epoch: String(field[..<colon]), seq: seq)
    }
}

extension Worker {
    /// Begins the response, without any events yet.
    /// - Returns: its number among ``LocalSubscribers``.
    fileprivate func openEventStream(
        _ writer: ResponseWriter,
        _ session: LocalSessions.Key?,
        heartbeat: Duration,
        lifetime: Duration
    ) -> UInt64? {
        guard let hub = attachment(StreamHub.self), let subscribers = attachment(LocalSubscribers.self),
            let sessions = attachment(LocalSessions.self)
        else {
            writer.end()
            return nil
        }
        let stream = EventStream(writer, hub: hub, loop: loop, heartbeat: heartbeat)
        let number = subscribers.add(stream)
        if let session { sessions.add(stream, to: session) }
        stream.onEnd = { [weak stream] in
            subscribers.remove(number)
            if let stream, let session { sessions.remove(stream, from: session) }
        }
        stream.end(after: lifetime)
        return number
    }

    fileprivate func follow(_ request: AttachRequest, _ number: UInt64) async {
        do {
            try await subscribe(request) { $0.attachment(LocalSubscribers.self)?[number] }
        } catch {
            endEventStream(number)
        }
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
