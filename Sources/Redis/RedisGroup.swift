import Locking
public import Reactor

/// What a ``RedisGroup`` tells.
public enum RedisGroupEvent: Sendable, Equatable {
    /// Entries go both ways; the first time and after every loss.
    case joined
    /// So many entries are this member's.
    case entries(Int)
    /// Entries of others are lost from now on, or one's own. The next attempts follow by themselves, without a word before one
    /// succeeds.
    case left(RedisError)
}

/// A stream of a Redis server whose entries are spread over the members of a consumer group: each goes to one of them, once or
/// not at all.
///
/// Entries say nothing. One is lost when the member that took it ends before it did something about it, when the stream is
/// longer than ``longest``, and with the server. So it is for telling somebody of what can also be found otherwise. A member
/// is given as many entries as it has room for; what nobody has room for waits.
public final class RedisGroup: Sendable {
    /// Entries a stream may have; the server drops the oldest of more, in its own time.
    public static let longest = 10_000

    private let core: RedisCore
    private let worker: Worker
    /// What its connections do.
    public var metrics: RedisMetrics { core.metrics }

    /// Creates the member; nothing happens before ``join(_:room:handler:)``.
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

    /// Whether entries go both ways.
    public var isJoined: Bool { core.isWhole.load(ordering: .relaxed) }

    /// Begins to connect, and to take entries of a stream. Later calls only move to another stream.
    /// - Parameters:
    ///   - room: how many entries there is room for now. Asked before each attempt to take some, on the worker's thread.
    ///   - handler: called on the worker's thread; must not block. Those of later calls are not used.
    public func join(
        _ stream: String,
        room: @escaping @Sendable () -> Int,
        handler: @escaping @Sendable (RedisGroupEvent) -> Void
    ) {
        worker.post { [core] worker in
            worker.openRedis(core, .member(stream: stream), room: room) { event in
                switch event {
                case .connected: handler(.joined)
                case .entries(let count): handler(.entries(count))
                case .disconnected(let error): handler(.left(error))
                case .message: break
                }
            }
        }
    }

    /// Adds so many entries to the stream, unless there is no connection or too much waits. Never blocks.
    public func add(_ count: Int) {
        guard core.isOpen.load(ordering: .relaxed) else { return core.metrics.count(.notConnected) }
        worker.post { [core] worker in
            guard let pair = worker.redis.pairs[ObjectIdentifier(core)] else {
                return core.metrics.count(.notConnected)
            }
            for _ in 0..<count { pair.send([]) }
        }
    }

    /// Ends the connections; nothing is told after that.
    public func close() async { await worker.closeRedis(core) }
}
