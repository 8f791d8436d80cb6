// Relay: takes what one process has committed to the others, ahead of the database.
//
// What it is for: letting the watchers of one process see the commits of another without a read, and having runnable flows
// told to one process instead of all. It must never be needed: the database tells every process by itself that something
// exists, and whoever lacks it reads it. It knows neither subscribers nor what a commit means.

public import Domain
public import Ledger
import Locking
public import Redis

/// What a ``CommitRelay`` tells besides commits.
public enum RelayEvent: Sendable, Equatable {
    /// Commits go both ways.
    case connected
    /// They do not; watchers learn of the commits of others from the database alone.
    case disconnected(RedisError)
}

/// The way to the other processes that share a database, by a channel of Redis.
public final class CommitRelay: CommitPublisher {
    private let redis: RedisPubSub
    private let node: Int64
    /// What has happened so far.
    public let counters = RelayCounters()

    /// Creates the relay; nothing comes and goes before ``listen(to:receive:report:)``.
    /// - Parameter node: tells this process from all others.
    public init(_ redis: RedisPubSub, node: Int64) {
        self.redis = redis
        self.node = node
    }

    /// Figures of the connections.
    public var connections: RedisMetrics { redis.metrics }

    /// Begins to take what others send on a channel, and to send there. Later calls only move to another channel.
    /// - Parameters:
    ///   - receive: takes a commit of another process. Called on a worker's thread; must not block.
    ///   - report: the same for what becomes of the connections.
    public func listen(
        to channel: String,
        receive: @escaping @Sendable (Committed) -> Void,
        report: @escaping @Sendable (RelayEvent) -> Void
    ) {
        redis.listen(to: channel) { [self] event in
            switch event {
            case .connected: report(.connected)
            case .disconnected(let error): report(.disconnected(error))
            case .message(let bytes): if let committed = read(bytes) { receive(committed) }
            }
        }
    }

    /// Sends a commit to the others; drops it when that is not possible at once.
    public func publish(_ committed: Committed) {
        redis.publish {
            let bytes = RelayMessage(node: node, committed: committed).encoded()
            if bytes == nil { counters.count(.tooLarge) }
            return bytes
        }
    }

    /// Ends the connections.
    public func close() async { await redis.close() }

    private func read(_ bytes: [UInt8]) -> Committed? {
        do throws(RelayError) {
            guard try RelayMessage.sender(of: bytes) != node else { return nil }
            let message = try RelayMessage(bytes)
            counters.count(.taken)
            return message.committed
        } catch {
            counters.count(error == .unknownVersion ? .unknownVersion : .malformed)
            return nil
        }
    }
}

/// Tells the streams of this process first, and then the others.
public struct RelayedPublisher: CommitPublisher {
    private let streams: any CommitPublisher
    private let relays: [any CommitPublisher]

    /// Creates the publisher.
    public init(_ streams: any CommitPublisher, _ relays: any CommitPublisher...) {
        self.streams = streams
        self.relays = relays
    }

    /// Tells all.
    public func publish(_ committed: Committed) {
        streams.publish(committed)
        for relay in relays { relay.publish(committed) }
    }
}
