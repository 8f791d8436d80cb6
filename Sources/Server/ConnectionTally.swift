import Locking
import Reactor

/// Counts the open connections of a server, in all and for each client, and decides whether there is room for another.
///
/// One for all loops, because `SO_REUSEPORT` spreads the connections of one client over them: shares of a limit would
/// refuse a client whose connections happen to meet on one loop. The lock is taken twice in a connection's life, for a few
/// dozen nanoseconds, beside system calls that take thousands.
final class ConnectionTally: Sendable {
    /// A place that was given; to be given back.
    struct Place: Sendable {
        /// Nil when the client's connections are not counted.
        fileprivate let client: ClientNetwork?
    }

    enum Verdict {
        case admitted(Place)
        /// `isNews` once until there is room again, so that a flood is told of once and not for each connection.
        case refused(ReachedLimit, isNews: Bool)
    }

    /// Connections of one kind.
    private struct Count {
        var open = 0
        var wasReported = false

        /// - Returns: whether the limit was not reached before.
        mutating func report() -> Bool {
            defer { wasReported = true }
            return !wasReported
        }

        /// Room for one more is no reason to tell of the limit again when that one has come.
        mutating func closed(limit: Int) {
            open -= 1
            if open <= limit - limit / 8 - 1 { wasReported = false }
        }
    }

    private struct State {
        var all = Count()
        var clients: [ClientNetwork: Count] = [:]
    }

    private let limit: Int
    private let clientLimit: Int
    private let unlimited: [AddressRange]
    private let state = Mutex(State())

    init(_ configuration: ServerConfiguration) {
        limit = configuration.maximumConnections
        clientLimit = configuration.maximumConnectionsPerAddress
        unlimited = configuration.unlimitedAddresses
    }

    /// Gives a place to a connection from `peer`, unless there is none.
    func admit(_ peer: SocketAddress?) -> Verdict {
        let client = countedClient(peer)
        return state.withLock { state in
            guard state.all.open < limit else {
                return .refused(ReachedLimit(.connections, limit), isNews: state.all.report())
            }
            if let client {
                guard state.clients[client, default: Count()].open < clientLimit else {
                    let isNews = state.clients[client, default: Count()].report()
                    return .refused(ReachedLimit(.connectionsPerAddress, clientLimit), isNews: isNews)
                }
                state.clients[client, default: Count()].open += 1
            }
            state.all.open += 1
            return .admitted(Place(client: client))
        }
    }

    /// Takes a place back.
    func release(_ place: Place) {
        state.withLock { state in
            state.all.closed(limit: limit)
            guard let client = place.client else { return }
            state.clients[client]?.closed(limit: clientLimit)
            if state.clients[client]?.open == 0 { state.clients[client] = nil }
        }
    }

    /// Places that are taken.
    var count: Int { state.withLock { $0.all.open } }

    /// Clients that are counted at the moment: the table must not keep those that have gone.
    var clientCount: Int { state.withLock { $0.clients.count } }

    private func countedClient(_ peer: SocketAddress?) -> ClientNetwork? {
        guard clientLimit > 0, let peer, !unlimited.contains(where: { $0.contains(peer) }) else { return nil }
        return ClientNetwork(peer)
    }
}
