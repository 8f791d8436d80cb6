import Domain
import JSON
import Logging
import Reactor
import Server

// Requests in, answers out: single ones at once, those of a batch together.

extension RPCSession {
    func receive(_ text: Span<UInt8>, from principal: Principal) {
        switch RPCRequest.read(text) {
        case .single(let request): dispatch(request, batch: nil, from: principal)
        case .batch(let requests):
            let number = nextNumber()
            // Counts itself, so that it cannot be complete before all of it is under way.
            batches[number] = RPCBatch(waiting: requests.count + 1)
            for request in requests { dispatch(request, batch: number, from: principal) }
            settle(number, nil)
        }
    }

    private func dispatch(_ request: Result<RPCRequest, RPCRequest.Refusal>, batch: UInt64?, from principal: Principal)
    {
        switch request {
        case .failure(let refusal):
            answer(RPCTicket(id: refusal.id, batch: batch), .failure(refusal.problem))
        case .success(let request):
            let ticket = RPCTicket(id: request.id, batch: batch)
            // Anything before may have closed the session.
            guard case .ready = phase else { return }
            do {
                try perform(request, ticket, as: principal)
            } catch {
                answer(ticket, .failure(Problem(error)))
            }
        }
    }

    /// Gives a request its answer.
    func answer(_ ticket: RPCTicket, _ result: Result<JSON, Problem>) {
        let message = ticket.id.map { id in
            switch result {
            case .success(let value): RPCText.result(id, value)
            case .failure(let problem): RPCText.error(id, problem)
            }
        }
        if let batch = ticket.batch { settle(batch, message) } else if let message { send(message) }
    }

    func send(_ message: JSON) {
        if case .closed = phase { return }
        channel.send(text: message.serialized())
    }

    private func settle(_ number: UInt64, _ message: JSON?) {
        guard var batch = batches[number] else { return }
        if let message { batch.answers.append(message) }
        batch.waiting -= 1
        batches[number] = batch
        guard batch.waiting == 0 else { return }
        batches[number] = nil
        // A batch of notifications only has no answer (JSON-RPC 2.0, section 6).
        if !batch.answers.isEmpty { send(.array(batch.answers)) }
        for stream in batch.streams { release(stream) }
    }

    /// Runs a command as a task. Commands with the same key run one after the other, in the order they came.
    func spawn(_ key: String?, _ operation: @escaping @Sendable (ChannelID) async -> Void) throws(Problem) {
        guard commandsInFlight < services.configuration.maximumCommands else {
            throw Problem(.tooManyRequests, "At most \(services.configuration.maximumCommands) commands at once.")
        }
        guard let connection = channel.id else { return }
        commandsInFlight += 1
        guard let key else {
            worker.spawn { await operation(connection) }
            return
        }
        let (former, number, worker) = (tails[key]?.task, nextNumber(), self.worker)
        let task = worker.spawn {
            await former?.value
            await operation(connection)
            await worker.tailEnded(key, number, connection)
        }
        tails[key] = (number, task)
    }

    func commandEnded() {
        commandsInFlight -= 1
        closeIfDrained()
    }
}

extension Worker {
    fileprivate func tailEnded(_ key: String, _ number: UInt64, _ connection: ChannelID) {
        guard let session = rpcSession(connection), session.tails[key]?.number == number else { return }
        session.tails[key] = nil
    }

    /// Carries out a command for the caller's tenant, and answers it.
    func perform(
        _ ticket: RPCTicket,
        _ connection: ChannelID,
        _ services: Services,
        as principal: Principal,
        _ command: @Sendable () async throws -> JSON
    ) async {
        let result: Result<JSON, Problem>
        do {
            result = .success(try await TenantContext.with(principal.tenant.id) { try await command() })
        } catch {
            let problem = Problem(error)
            if problem.code == .internalError { services.logger.error("A command failed: \(error)") }
            result = .failure(problem)
        }
        guard let session = rpcSession(connection) else { return }
        session.answer(ticket, result)
        session.commandEnded()
    }
}
