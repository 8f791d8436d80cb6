import Reactor

extension Worker {
    /// A lease on a connection of this worker's pool.
    func acquireLease(_ core: PostgresClientCore) async -> Result<UInt64, PostgresError> {
        guard !core.isClosed, let pool = pool(of: core) else { return .failure(PostgresError(.closed)) }
        guard !Task.isCancelled else { return .failure(PostgresError(.cancelled)) }
        let id = postgres.nextToken()
        // The operation is a call of an actor method: a closure that does not use `self` itself would leave the loop.
        return await withTaskCancellationHandler {
            await wait(for: id, in: pool)
        } onCancel: {
            post { $0.pool(of: core)?.abandon(id) }
        }
    }

    private func wait(for id: UInt64, in pool: PostgresPool) async -> Result<UInt64, PostgresError> {
        await withCheckedContinuation { continuation in
            pool.acquire(id) { continuation.resume(returning: $0) }
        }
    }

    /// Gives a lease back; returns when its transaction, if one was open, is rolled back.
    func releaseLease(_ lease: UInt64, _ core: PostgresClientCore) async {
        await withCheckedContinuation { continuation in
            releaseLease(lease, core) { continuation.resume() }
        }
    }

    /// Gives a lease back; `completion` is called when its transaction, if one was open, is rolled back.
    func releaseLease(_ lease: UInt64, _ core: PostgresClientCore, completion: @escaping () -> Void) {
        guard let pool = pool(of: core) else { return completion() }
        pool.release(lease, completion: completion)
        forgetIfDone(pool, core)
    }

    /// Has statements go out in front of the next request on a lease.
    func precedeNext(
        by statements: [PostgresStatement],
        on lease: UInt64,
        _ core: PostgresClientCore
    ) throws(PostgresError) {
        guard let connection = pool(of: core)?.connection(for: lease) else { throw PostgresError(.closed) }
        try connection.precedeNext(by: statements)
    }

    /// Runs a request to its end, whatever becomes of the calling task.
    func perform(
        _ content: PostgresRequest.Content,
        mayCommit: Bool,
        on lease: UInt64,
        _ core: PostgresClientCore,
        id: UInt64? = nil
    ) async -> Result<[PostgresRows], PostgresError> {
        guard let connection = pool(of: core)?.connection(for: lease) else { return .failure(PostgresError(.closed)) }
        let id = id ?? postgres.nextToken()
        return await withCheckedContinuation { continuation in
            connection.submit(
                PostgresRequest(id: id, content: content, mayCommit: mayCommit, deadline: core.options.answerDeadline) {
                    continuation.resume(returning: $0)
                }
            )
        }
    }

    /// Runs a request; the cancellation of the calling task stops it.
    func performCancellably(
        _ content: PostgresRequest.Content,
        mayCommit: Bool,
        on lease: UInt64,
        _ core: PostgresClientCore
    ) async -> Result<[PostgresRows], PostgresError> {
        let id = postgres.nextToken()
        return await withTaskCancellationHandler {
            await perform(content, mayCommit: mayCommit, on: lease, core, id: id)
        } onCancel: {
            post { $0.pool(of: core)?.connection(for: lease)?.cancel(id) }
        }
    }

    /// Closes this worker's pool of a client.
    func closePool(_ core: PostgresClientCore) {
        guard let pool = postgres.pools[ObjectIdentifier(core)] else { return }
        pool.close()
        forgetIfDone(pool, core)
    }

    /// A closed pool stays as long as somebody has a connection of it to give back.
    private func forgetIfDone(_ pool: PostgresPool, _ core: PostgresClientCore) {
        if pool.isDone { postgres.pools[ObjectIdentifier(core)] = nil }
    }

    /// The worker's pool of a client, made on first use; nil when the client is closed and has nothing here any more, or the
    /// worker has ended.
    private func pool(of core: PostgresClientCore) -> PostgresPool? {
        let registry = postgres
        if let pool = registry.pools[ObjectIdentifier(core)] { return pool }
        guard !core.isClosed, !hasEnded else { return nil }
        let pool = PostgresPool(core: core, registry: registry)
        registry.pools[ObjectIdentifier(core)] = pool
        return pool
    }
}
