import Domain
import Locking

/// The log of one stream, shared by the loops of a process.
final class SharedLog: Sendable {
    private let log: Mutex<StreamLog>
    /// Under a lock of its own: whoever has something new to tell does not wait for what is being folded.
    private let conflations: Mutex<Conflations>

    init(limits: StreamLog.Limits) {
        log = Mutex(StreamLog(limits: limits))
        conflations = Mutex(Conflations(limits: limits))
    }

    /// The last position, where it is known.
    var end: Position? { log.withLock { $0.end } }

    /// The entries after a position; nil when the log does not reach back so far.
    func entries(after position: Position) -> [StreamEntry]? { log.withLock { $0.entries(after: position) } }

    /// The same, folded.
    func conflated(after position: Position) -> [StreamEntry]? {
        conflations.withLock { conflations in
            entries(after: position).map { conflations.folding($0, after: position.seq) }
        }
    }

    /// Says that everything after a position will be told; gives what is known to exist.
    func anchor(at position: Position) -> Position? {
        log.withLock { log in
            log.anchor(at: position)
            return log.end
        }
    }

    /// What follows the last entry is gone: where the log begins is not known again.
    func forget() { log.withLock { $0.forget() } }

    /// Takes entries in any order, known or new.
    func take(_ entries: [StreamEntry]) { log.withLock { $0.take(entries) } }
}

/// The logs of all streams that somebody in this process watches.
final class StreamLogs: Sendable {
    private struct Topic: Hashable {
        let tenant: TenantID
        let stream: StreamName
    }

    private struct Watched {
        let log: SharedLog
        /// Subscriptions of all loops.
        var watchers = 0
    }

    private let limits: StreamLog.Limits
    private let topics = Mutex<[Topic: [ViewFilter?: Watched]]>([:])

    init(limits: StreamLog.Limits) {
        self.limits = limits
    }

    /// A subscription begins.
    /// - Returns: the log, and whether nobody watched the stream before.
    func watch(_ key: StreamKey) -> (log: SharedLog, isFirst: Bool) {
        topics.withLock { topics in
            let topic = Topic(tenant: key.tenant, stream: key.stream)
            var watched = topics[topic]?[key.filter] ?? Watched(log: SharedLog(limits: limits))
            watched.watchers += 1
            topics[topic, default: [:]][key.filter] = watched
            return (watched.log, watched.watchers == 1)
        }
    }

    /// A subscription ends. With the last one the log goes.
    /// - Returns: whether it was the last one.
    func unwatch(_ key: StreamKey) -> Bool {
        topics.withLock { topics in
            let topic = Topic(tenant: key.tenant, stream: key.stream)
            guard var watched = topics[topic]?[key.filter] else { return false }
            watched.watchers -= 1
            topics[topic]?[key.filter] = watched.watchers > 0 ? watched : nil
            if topics[topic]?.isEmpty == true { topics[topic] = nil }
            return watched.watchers == 0
        }
    }

    /// The logs of a stream: a live list has one for each filter.
    func logs(of stream: StreamName, tenant: TenantID) -> [(key: StreamKey, log: SharedLog)] {
        let watched = topics.withLock { $0[Topic(tenant: tenant, stream: stream)] ?? [:] }
        return watched.map { (StreamKey(tenant: tenant, stream: stream, filter: $0.key), $0.value.log) }
    }

    /// The log of a key; nil when nobody watches it.
    func log(of key: StreamKey) -> SharedLog? {
        topics.withLock { $0[Topic(tenant: key.tenant, stream: key.stream)]?[key.filter]?.log }
    }
}
