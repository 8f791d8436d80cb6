import Reactor

/// What this target keeps on one worker: the pools of all clients, and the way back from a token to a connection.
final class PostgresRegistry {
    struct WeakConnection {
        weak var connection: PostgresConnection?
    }

    var pools: [ObjectIdentifier: PostgresPool] = [:]
    var listeners: [ObjectIdentifier: ListeningConnection] = [:]
    var connections: [UInt64: WeakConnection] = [:]
    /// Who waits for an answer from the blocking pool.
    private var openers: [UInt64: (Result<String, PostgresError>) -> Void] = [:]
    private var lastToken: UInt64 = 0
    let worker: Worker
    let loop: EventLoop

    init(worker: Worker, loop: EventLoop) {
        self.worker = worker
        self.loop = loop
    }

    deinit {
        // Suspended callers hold the pools, so that their own end cannot be waited for.
        for pool in pools.values { pool.workerEnded() }
        for listener in listeners.values { listener.close() }
    }

    /// A number that names one thing on this worker and is never used again.
    func nextToken() -> UInt64 {
        lastToken += 1
        return lastToken
    }

    /// Makes a connection; `completion` is called once, later, on the loop.
    func open(
        _ core: PostgresClientCore,
        setup: [PostgresStatement],
        completion: @escaping (Result<PostgresConnection, PostgresError>) -> Void
    ) {
        guard case .name(let name) = core.configuration.host else {
            return open(core, address: nil, setup: setup, completion: completion)
        }
        let token = nextToken()
        // The closure stays on the loop; only its token travels.
        openers[token] = { [weak self] in self?.resolved($0, core, setup: setup, completion: completion) }
        worker.spawn { [worker] in
            let result: Result<String, PostgresError>
            do {
                result = .success(try await core.blockingPool.run { try HostName.resolve(name) })
            } catch let error as HostNameError {
                result = .failure(PostgresError(.notReachable, "the database host \(error.name) \(error.reason)"))
            } catch {
                result = .failure(PostgresError(.notReachable, "\(error)"))
            }
            worker.post { $0.postgres.openers.removeValue(forKey: token)?(result) }
        }
    }

    private func resolved(
        _ result: Result<String, PostgresError>,
        _ core: PostgresClientCore,
        setup: [PostgresStatement],
        completion: @escaping (Result<PostgresConnection, PostgresError>) -> Void
    ) {
        switch result {
        case .success(let address): open(core, address: address, setup: setup, completion: completion)
        case .failure(let error): completion(.failure(error))
        }
    }

    private func open(
        _ core: PostgresClientCore,
        address: String?,
        setup: [PostgresStatement],
        completion: @escaping (Result<PostgresConnection, PostgresError>) -> Void
    ) {
        let token = nextToken()
        let connection = PostgresConnection(worker: worker, loop: loop, token: token, blockingPool: core.blockingPool)
        connections = connections.filter { $0.value.connection != nil }
        connections[token] = WeakConnection(connection: connection)
        connection.open(
            core.configuration.connectionParameters(address: address, applicationName: core.options.applicationName),
            setup: setup,
            timeout: core.options.connectTimeout,
            completion: completion
        )
    }
}

extension Worker {
    /// This worker's registry, made on first use.
    var postgres: PostgresRegistry {
        if let registry = attachment(PostgresRegistry.self) { return registry }
        let registry = PostgresRegistry(worker: self, loop: loop)
        attach(registry)
        return registry
    }
}
