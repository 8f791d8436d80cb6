import Domain
import Identity
import JSON
import Reactor
import Server

// Who is here: the first message, the end of a proof of identity, and a new proof.

extension RPCSession {
    /// Takes the first message, which must be `hello`.
    func greet(_ text: Span<UInt8>) {
        guard case .single(.success(let request)) = RPCRequest.read(text), request.method == "hello",
            let id = request.id
        else { return close(Problem(.invalidRequest)) }
        let token: String?
        do {
            token = try request.params.text("token")
        } catch {
            return close(Problem(.invalidRequest))
        }
        guard let proof = token.map({ .bearer($0) }) ?? opener else { return close(.signInFirst) }
        phase = .checking
        guard let connection = channel.id else { return }
        let (services, worker) = (self.services, self.worker)
        worker.spawn { await worker.checkHello(proof, id, connection, services) }
    }

    func helloChecked(_ result: Result<Principal, Problem>, _ id: JSON) {
        guard case .checking = phase else { return }
        switch result {
        case .success(let principal): welcome(principal, id)
        case .failure(let problem): close(problem)
        }
    }

    private func welcome(_ principal: Principal, _ id: JSON) {
        guard principal.expiresAt > Timestamp.now() else { return close(Problem(.tokenExpired)) }
        let limits = services.configuration
        toldStatus = services.status.now.status(for: principal.tenant)
        send(
            RPCText.result(
                id,
                [
                    "session": principal.session.map { JSON($0.text) } ?? .null,
                    "user": [
                        "id": JSON(principal.subject),
                        "name": JSON(principal.displayName),
                        "roles": Call.roles(principal.roles),
                    ],
                    "tenant": ["id": JSON(principal.tenant.id.text), "name": JSON(principal.tenant.name)],
                    "heartbeat_ms": JSON(Int(limits.heartbeat / .milliseconds(1))),
                    "expires_at": JSON(principal.expiresAt.rfc3339),
                    "service": JSON(toldStatus.rawValue),
                    "limits": [
                        "subscriptions": JSON(limits.maximumSubscriptions),
                        "commands": JSON(limits.maximumCommands),
                        "messages_per_second": JSON(limits.messagesPerSecond),
                        "batch": JSON(RPCRequest.maximumBatch),
                    ],
                ]
            )
        )
        // After the answer, because it may warn at once of a proof that ends soon.
        begin(principal)
        guard case .ready = phase else { return }
        sockets?.add(self)
        // What changed since the answer was written was told to those who were here.
        tell(services.status.now)
        let waiting = early
        early = []
        for text in waiting { receive(text.span, from: principal) }
    }

    /// Makes the principal the one who is here, until its proof of identity ends.
    private func begin(_ principal: Principal) {
        forgetSession()
        phase = .ready(principal)
        if let key = principal.sessionKey { sessions?.add(self, to: key) }
        for timer in timers { loop.cancel(timer) }
        timers = []
        let lifetime = Duration.microseconds(principal.expiresAt.microseconds - Timestamp.now().microseconds)
        guard lifetime > .zero else { return close(Problem(.tokenExpired)) }
        let warning = services.configuration.expiryWarning
        if lifetime > warning { schedule(after: lifetime - warning) { $0.warn(warning) } } else { warn(lifetime) }
        schedule(after: lifetime) { $0.close(Problem(.tokenExpired)) }
    }

    private func warn(_ remaining: Duration) {
        let seconds = Int(remaining.components.seconds)
        channel.send(text: RPCText.notification("auth.expiring", ["expires_in": JSON(seconds)]))
    }

    /// A new token of the same person.
    func refreshed(_ result: Result<Principal, Problem>, _ ticket: RPCTicket) {
        guard case .ready(let present) = phase else { return }
        switch result {
        case .success(let principal):
            guard principal.tenant == present.tenant, principal.subject == present.subject else {
                return answer(ticket, .failure(Problem(.forbidden, "The token is somebody else's.")))
            }
            let seconds = principal.expiresAt.seconds - Timestamp.now().seconds
            answer(ticket, .success(["expires_in": JSON(Int(seconds))]))
            begin(principal)
        case .failure(let problem):
            answer(ticket, .failure(problem))
        }
    }

    func forgetSession() {
        guard case .ready(let principal) = phase, let key = principal.sessionKey else { return }
        sessions?.remove(self, from: key)
    }
}

extension RPCSession: SessionBound {
    func sessionRevoked() { close(Problem(.sessionEnded)) }
}

extension Worker {
    fileprivate func checkHello(
        _ proof: Caller.Proof,
        _ id: JSON,
        _ connection: ChannelID,
        _ services: Services
    ) async {
        let result = await principal(proof, services)
        rpcSession(connection)?.helloChecked(result, id)
        await checkAgain(proof, connection, services)
    }

    func refresh(_ token: String, _ ticket: RPCTicket, _ connection: ChannelID, _ services: Services) async {
        let result = await principal(.bearer(token), services)
        guard let session = rpcSession(connection) else { return }
        session.refreshed(result, ticket)
        session.commandEnded()
        if case .success = result { await checkAgain(.bearer(token), connection, services) }
    }

    /// A session that was revoked after the first look and before the connection was listed under it would never be closed:
    /// from now on revocation finds it, so one more look is enough.
    private func checkAgain(_ proof: Caller.Proof, _ connection: ChannelID, _ services: Services) async {
        guard case .failure(let problem) = await principal(proof, services), problem.code.meaning.close == 4401 else {
            return
        }
        rpcSession(connection)?.close(problem)
    }

    private func principal(_ proof: Caller.Proof, _ services: Services) async -> Result<Principal, Problem> {
        do {
            return .success(try await proof.principal(services.sessions, now: .now()))
        } catch {
            return .failure(Problem(error))
        }
    }
}
