import Reactor

/// What this target keeps on one worker: the connections of all clients, and who waits for the blocking pool.
final class RedisRegistry {
    let worker: Worker
    let loop: EventLoop
    var pairs: [ObjectIdentifier: RedisPair] = [:]
    /// Who waits for an address.
    private var waiting: [UInt64: (Result<String, RedisError>) -> Void] = [:]
    private var lastToken: UInt64 = 0

    init(worker: Worker, loop: EventLoop) {
        self.worker = worker
        self.loop = loop
    }

    deinit { for pair in pairs.values { pair.close() } }

    /// Looks up a name; `completion` is called once, later, on the loop, with the token that this returns.
    func resolve(
        _ name: String,
        _ pool: BlockingPool,
        completion: @escaping (UInt64, Result<String, RedisError>) -> Void
    ) -> UInt64 {
        lastToken += 1
        let token = lastToken
        // The closure stays on the loop; only its token travels.
        waiting[token] = { completion(token, $0) }
        worker.spawn { [worker] in
            let result: Result<String, RedisError>
            do {
                result = .success(try await pool.run { try HostName.resolve(name) })
            } catch {
                result = .failure(.notReachable("\(error)"))
            }
            worker.post { $0.redis.waiting.removeValue(forKey: token)?(result) }
        }
        return token
    }
}

extension Worker {
    /// This worker's registry, made on first use.
    var redis: RedisRegistry {
        if let registry = attachment(RedisRegistry.self) { return registry }
        let registry = RedisRegistry(worker: self, loop: loop)
        attach(registry)
        return registry
    }
}
