import CPQ
import Reactor

extension PostgresConnection {
    /// Runs a request after those submitted before it.
    func submit(_ request: PostgresRequest) {
        guard phase == .ready || phase == .settingUp else {
            return request.completion(.failure(PostgresError(.connectionLost)))
        }
        waiting.append(request)
        if current == nil { sendNext() }
    }

    /// Statements that go out in front of the next request.
    /// - Throws: ``PostgresError/Kind/invalidParameter`` for what cannot be sent.
    func precedeNext(by statements: [PostgresStatement]) throws(PostgresError) {
        for statement in statements { _ = try ParameterList(statement.parameters) }
        preamble = statements
    }

    /// Ends a request: one that waits never runs, one that runs is stopped by the server where it still can be.
    func cancel(_ id: UInt64) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            return waiting.remove(at: index).completion(.failure(PostgresError(.cancelled)))
        }
        guard let request = current?.request, request.id == id, current?.isAnswered == false else { return }
        guard let native, let handle = PQgetCancel(native) else { return }
        current?.isCancelled = true
        current?.cancelsUnderway += 1
        let cancel = CancelRequest(handle)
        worker.spawn { [worker, blockingPool, token] in
            // A full pool loses nothing but this attempt: the statement ends by its own time limit.
            try? await blockingPool.run { cancel.send() }
            worker.post { $0.postgres.connections[token]?.connection?.cancelEnded() }
        }
    }

    /// A cancel request has reached the server or failed.
    private func cancelEnded() {
        guard current != nil else { return }
        current?.cancelsUnderway -= 1
        finishIfComplete()
    }

    /// Moves bytes both ways and hands out what is complete.
    func transfer() {
        guard let native else { return }
        let isOpen = PQconsumeInput(native) == 1
        drain()
        // A callback may have closed the connection.
        guard self.native != nil else { return }
        guard isOpen else { return fail(lost()) }
        flush()
    }

    private func sendNext() {
        guard let native, current == nil, !waiting.isEmpty else { return }
        let request = nextRequest()
        do throws(PostgresError) {
            let lists = try request.parameterLists()
            // Not before it is certain to be sent: what follows it must not run without it.
            preamble = []
            var exchange = PostgresExchange(request: request)
            let isSent = start(&exchange, lists, on: native)
            current = exchange
            guard isSent else { return fail(lost()) }
        } catch {
            request.completion(.failure(error))
            return sendNext()
        }
        if let deadline = request.deadline {
            answerTimer = loop.schedule(after: deadline) { [weak self] in
                self?.fail(PostgresError(.connectionLost, "the database did not answer within \(deadline)"))
            }
        }
        flush()
    }

    /// What is sent now: what waits to be sent before the next request, if there is any, together with a batch or alone.
    private func nextRequest() -> PostgresRequest {
        let request = waiting.removeFirst()
        guard !preamble.isEmpty else { return request }
        if case .batch(let statements) = request.content { return request.preceded(by: preamble, statements) }
        waiting.insert(request, at: 0)
        return PostgresRequest(id: 0, content: .batch(preamble), mayCommit: false, deadline: request.deadline) { _ in }
    }

    private func start(_ exchange: inout PostgresExchange, _ lists: [ParameterList], on native: OpaquePointer) -> Bool {
        switch exchange.request.content {
        case .batch(let statements):
            for (statement, list) in zip(statements, lists) {
                guard send(statement.sql, list, &exchange, on: native) else { return false }
            }
            return PQpipelineSync(native) == 1
        case .script(let sql):
            return PQexitPipelineMode(native) == 1 && PQsendQuery(native, sql) == 1
        }
    }

    private func send(
        _ sql: String,
        _ list: ParameterList,
        _ exchange: inout PostgresExchange,
        on native: OpaquePointer
    ) -> Bool {
        list.withPointers { count, types, values, lengths, formats in
            let key = PreparedStatements.Key(sql: sql, types: types)
            // What sets a connection up does not come again.
            let use = phase == .ready ? prepared.use(key) : .plain
            if case .prepare(let name) = use {
                exchange.commands.append(.preparation(key))
                guard PQsendPrepare(native, name, sql, count, types) == 1 else { return false }
            }
            exchange.commands.append(.execution(key))
            switch use {
            case .plain:
                return PQsendQueryParams(native, sql, count, types, values, lengths, formats, 1) == 1
            case .prepare(let name), .execute(let name):
                return PQsendQueryPrepared(native, name, count, values, lengths, formats, 1) == 1
            }
        }
    }

    private func flush() {
        switch PQflush(native) {
        case 0: watch(.read)
        case 1: watch([.read, .write])
        default: fail(lost())
        }
    }

    private func drain() {
        while let native, let exchange = current, !exchange.isAnswered, PQisBusy(native) == 0 {
            guard let result = PQgetResult(native) else {
                // In a batch this is the end of one command; a script ends with it.
                if case .script = exchange.request.content { answered() } else { current?.endCommand() }
                if PQstatus(native) == CONNECTION_BAD { break }
                continue
            }
            take(result)
        }
        deliverNotifications()
    }

    private func take(_ result: OpaquePointer) {
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            answered()
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if case .preparation = current?.command {
                PQclear(result)
            } else {
                current?.rows.append(PostgresRows(result: ResultBox(result)))
            }
        case PGRES_PIPELINE_ABORTED:
            if case .preparation(let key) = current?.command { prepared.forget(key) }
            PQclear(result)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            fail(PostgresError(.refused, "COPY is not supported"))
        default:
            let error = PostgresError(result: result)
            if current?.error == nil { current?.error = error }
            switch current?.command {
            case .preparation(let key): prepared.forget(key)
            case .execution(let key) where error.kind == .stalePlan: prepared.forget(key)
            case .execution, nil: break
            }
            PQclear(result)
        }
    }

    private func answered() {
        current?.isAnswered = true
        if let timer = answerTimer.take() { loop.cancel(timer) }
        if case .script = current?.request.content, PQenterPipelineMode(native) != 1 { return fail(lost()) }
        finishIfComplete()
    }

    private func finishIfComplete() {
        guard let exchange = current, exchange.isAnswered, exchange.cancelsUnderway == 0 else { return }
        current = nil
        exchange.request.completion(exchange.meaning)
        sendNext()
    }

    private func deliverNotifications() {
        while let native, let notification = PQnotifies(native) {
            let channel = String(cString: notification.pointee.relname)
            let payload = String(cString: notification.pointee.extra)
            PQfreemem(notification)
            onNotification?(channel, payload)
        }
    }

    private func lost() -> PostgresError {
        PostgresError(.connectionLost, detail: notReachable().detail ?? notReachable().summary)
    }
}

extension PostgresExchange {
    /// The result, where a server that ends the connection during a commit leaves the outcome open.
    fileprivate var meaning: Result<[PostgresRows], PostgresError> {
        if request.mayCommit, let error, error.kind == .connectionLost {
            return .failure(error.with(kind: .unknownOutcome))
        }
        return result
    }
}

extension PostgresRequest {
    /// - Throws: ``PostgresError/Kind/invalidParameter`` for what cannot be sent; nothing has been sent then.
    fileprivate func parameterLists() throws(PostgresError) -> [ParameterList] {
        switch content {
        case .script(let sql):
            try Self.check(sql)
            return []
        case .batch(let statements):
            var lists: [ParameterList] = []
            for statement in statements {
                try Self.check(statement.sql)
                lists.append(try ParameterList(statement.parameters))
            }
            return lists
        }
    }

    private static func check(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalidParameter, "the statement contains U+0000") }
    }
}
