// Redis: a client for publishing and subscribing on a Redis 7 server, and for sharing the entries of a stream, whose sockets
// live on a worker's loop.
//
// What it is for: carrying messages that may be lost from one process to others, without ever blocking a loop or holding
// anything up while the server is away. It must never know what the messages mean.
//
// Start with `RedisPubSub` and `RedisGroup` (what other floors hold). `RedisSession` says what a connection does, without a socket;
// `RedisLink` is that connection on the loop. Commands and replies are written and read by hiredis.

/// Why a connection to Redis was not made, or ended.
public enum RedisError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The URL cannot be used; says what is wrong with it, without any part of it that may be a password.
    case invalidURL(String)
    /// No connection could be made.
    case notReachable(String)
    /// The server did not let us in, or refused to subscribe; in its own words.
    case refused(String)
    /// What came is not what a Redis server sends.
    case protocolViolation(String)
    /// A reply is larger than ``RedisOptions/replyBytes`` or has too many parts.
    case replyTooLarge(limit: Int)
    /// Nothing came for the time of ``RedisOptions/patience``.
    case silent
    /// The connection ended.
    case connectionLost(String)

    /// One sentence without an end.
    public var description: String {
        switch self {
        case .invalidURL(let reason): "the Redis URL cannot be used: \(reason)"
        case .notReachable(let reason): "Redis cannot be reached: \(reason)"
        case .refused(let reason): "Redis refuses: \(reason)"
        case .protocolViolation(let reason): "this is not Redis: \(reason)"
        case .replyTooLarge(let limit): "a reply of Redis is larger than \(limit) bytes or has too many parts"
        case .silent: "Redis does not answer any more"
        case .connectionLost(let reason): "the connection to Redis is lost: \(reason)"
        }
    }
}
