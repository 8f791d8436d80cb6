public import Domain
public import Ledger
public import Redis

/// Spreads runnable flows over the processes that share a database, by a stream of Redis: each is told to one of them that has
/// room for it.
///
/// What is told is that there is one more; which flow it is says the queue in the database, in whose order all tenants have
/// their turns. So nothing is lost with a stream: whoever looks at the queue finds what nobody was told of.
public final class WorkRelay: CommitPublisher {
    private let group: RedisGroup

    /// Creates the relay; nothing comes and goes before ``join(_:room:take:report:)``.
    public init(_ group: RedisGroup) { self.group = group }

    /// Figures of the connections.
    public var connections: RedisMetrics { group.metrics }

    /// Whether this process is told of its part by Redis. Otherwise it has to heed what the database tells all.
    public var isJoined: Bool { group.isJoined }

    /// Begins to take this process's part. Later calls only move to another stream.
    /// - Parameters:
    ///   - room: how many more flows may run here. Called on a worker's thread; must not block.
    ///   - take: the same for so many flows that are this process's.
    ///   - report: the same for what becomes of the connections.
    public func join(
        _ stream: String,
        room: @escaping @Sendable () -> Int,
        take: @escaping @Sendable (Int) -> Void,
        report: @escaping @Sendable (RelayEvent) -> Void
    ) {
        group.join(stream, room: room) { event in
            switch event {
            case .joined: report(.connected)
            case .entries(let count): take(count)
            case .left(let error): report(.disconnected(error))
            }
        }
    }

    /// Tells of what became runnable, where something did.
    public func publish(_ committed: Committed) {
        if committed.runnable > 0 { group.add(committed.runnable) }
    }

    /// Ends the connections.
    public func close() async { await group.close() }
}
