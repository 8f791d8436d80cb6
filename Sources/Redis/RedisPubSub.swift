import Locking
public import Reactor

/// What a ``RedisPubSub`` tells.
public enum RedisEvent: Sendable, Equatable {
    /// Messages go both ways; the first time and after every loss.
    case connected
    /// A message of the channel; those of this process come too.
    case message([UInt8])
    /// Messages are lost from now on, in one or both directions. The next attempts follow by themselves, without a word before
    /// one succeeds.
    case disconnected(RedisError)
}

/// A channel of a Redis server that carries messages between processes as long as nothing is in the way.
///
/// A message is delivered once or not at all: it is lost while there is no connection, when too much waits already, and when
/// the server drops it. It never waits for a connection, and nobody ever waits for it. Both connections live on one worker.
public final class RedisPubSub: Sendable {
    private let core: RedisCore
    private let worker: Worker
    /// What its connections do.
    public var metrics: RedisMetrics { core.metrics }

    /// Creates the client; nothing happens before ``listen(to:handler:)``.
    /// - Parameters:
    ///   - worker: whose loop the connections live on.
    ///   - blockingPool: looks up host names.
    public init(
        _ configuration: RedisConfiguration,
        options: RedisOptions = RedisOptions(),
        worker: Worker,
        blockingPool: BlockingPool
    ) {
        self.worker = worker
        core = RedisCore(configuration: configuration, options: options, blockingPool: blockingPool)
    }

    /// Begins to connect, and to take the messages of a channel. Later calls only move to another channel.
    /// - Parameter handler: called on the worker's thread; must not block. Those of later calls are not used.
    public func listen(to channel: String, handler: @escaping @Sendable (RedisEvent) -> Void) {
        worker.post { [core] worker in
            worker.openRedis(core, .subscribing(channel: channel), room: { 0 }) { event in
                switch event {
                case .connected: handler(.connected)
                case .message(let payload): handler(.message(payload))
                case .disconnected(let error): handler(.disconnected(error))
                case .entries: break
                }
            }
        }
    }

    /// Publishes on the channel that is listened to, unless there is no connection or too much waits. Never blocks.
    /// - Parameter makePayload: makes the message, or nil for none; not called while nothing can be published.
    public func publish(_ makePayload: () -> [UInt8]?) {
        guard core.isOpen.load(ordering: .relaxed) else { return core.metrics.count(.notConnected) }
        guard let payload = makePayload() else { return }
        // What is on its way to the loop is bounded as well: the loop may have other things to do.
        let mailed = core.mailedBytes.wrappingAdd(payload.count, ordering: .relaxed).newValue
        guard mailed <= core.options.queueBytes else {
            core.mailedBytes.wrappingSubtract(payload.count, ordering: .relaxed)
            return core.metrics.count(.queueFull)
        }
        worker.post { [core] worker in
            core.mailedBytes.wrappingSubtract(payload.count, ordering: .relaxed)
            guard let pair = worker.redis.pairs[ObjectIdentifier(core)] else {
                return core.metrics.count(.notConnected)
            }
            pair.send(payload)
        }
    }

    /// Ends the connections; nothing is told after that.
    public func close() async { await worker.closeRedis(core) }
}

/// What a client and its connections share.
final class RedisCore: Sendable {
    let configuration: RedisConfiguration
    let options: RedisOptions
    let blockingPool: BlockingPool
    let metrics = RedisMetrics()
    /// Whether the publishing connection is signed in.
    let isOpen = Atomic(false)
    /// Whether both connections are signed in.
    let isWhole = Atomic(false)
    /// Bytes of messages that the loop has not seen yet.
    let mailedBytes = Atomic(0)

    init(configuration: RedisConfiguration, options: RedisOptions, blockingPool: BlockingPool) {
        self.configuration = configuration
        self.options = options
        self.blockingPool = blockingPool
    }
}

extension Worker {
    /// Connects a client, or moves it to another source.
    func openRedis(
        _ core: RedisCore,
        _ source: RedisSession.Role,
        room: @escaping @Sendable () -> Int,
        handler: @escaping @Sendable (RedisPairEvent) -> Void
    ) {
        guard !hasEnded else { return }
        let registry = redis
        if let pair = registry.pairs[ObjectIdentifier(core)] { return pair.move(to: source) }
        let pair = RedisPair(core, registry: registry, source: source, room: room, handler: handler)
        registry.pairs[ObjectIdentifier(core)] = pair
        pair.connect()
    }

    /// Ends a client's connections.
    func closeRedis(_ core: RedisCore) { redis.pairs.removeValue(forKey: ObjectIdentifier(core))?.close() }
}
