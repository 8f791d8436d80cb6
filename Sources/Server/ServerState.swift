import Glibc
import HTTP
import Logging
import Reactor
import WebSocket

/// What the shares of a server have in common.
struct SharedState: Sendable {
    let configuration: ServerConfiguration
    let handler: any HTTPHandler
    let tally: ConnectionTally
    let exhaustion: ExhaustionLog
    /// Seconds since 1970.
    let wallClock: @Sendable () -> Int

    init(_ configuration: ServerConfiguration, _ handler: any HTTPHandler, wallClock: @escaping @Sendable () -> Int) {
        self.configuration = configuration
        self.handler = handler
        self.wallClock = wallClock
        tally = ConnectionTally(configuration)
        exhaustion = ExhaustionLog(configuration.logger)
    }
}

/// One loop's share of a server.
final class ServerState {
    /// A connection, with its place in the tally; without one it is there only to be refused.
    private struct Entry<Connection> {
        let connection: Connection
        let place: ConnectionTally.Place?
    }

    private let shared: SharedState
    /// Nil when WebSockets are not compressed.
    let deflatePool: DeflatePool?
    let configuration: ServerConfiguration
    let handler: any HTTPHandler
    /// For each connection to begin with.
    let pace: BodyPace
    private(set) var isDraining = false
    private var acceptors: [Acceptor] = []
    private var connections: [ObjectIdentifier: Entry<HTTPConnection>] = [:]
    private var channels: [ObjectIdentifier: Entry<WebSocketChannel>] = [:]
    private var refusalsUnderWay = 0
    private var cachedDate: (second: UInt64, text: String)?

    /// Connections over a limit that may stay until their request has come and the refusal is delivered for certain; more
    /// are answered and closed at once.
    private static let refusals = 64

    init(_ shared: SharedState) {
        self.shared = shared
        deflatePool = shared.configuration.deflate.map { DeflatePool(policy: $0) }
        configuration = shared.configuration
        handler = shared.handler
        pace = BodyPace(shared.configuration)
    }

    var connectionCount: Int { connections.count + channels.count }

    func listen(on sockets: [ListeningSocket], worker: Worker, loop: EventLoop) throws(SystemError) {
        for (index, socket) in sockets.enumerated() {
            do throws(SystemError) {
                acceptors.append(try acceptor(socket, worker, loop))
            } catch {
                for socket in sockets[(index + 1)...] { socket.close() }
                closeAcceptors()
                throw error
            }
        }
    }

    func remove(_ connection: HTTPConnection) {
        if let entry = connections.removeValue(forKey: ObjectIdentifier(connection)) { release(entry.place) }
    }

    /// A connection has become a WebSocket, and keeps its place.
    func add(_ channel: WebSocketChannel, replacing connection: HTTPConnection) {
        let place = connections.removeValue(forKey: ObjectIdentifier(connection))?.place
        channels[ObjectIdentifier(channel)] = Entry(connection: channel, place: place)
    }

    func remove(_ channel: WebSocketChannel) {
        if let entry = channels.removeValue(forKey: ObjectIdentifier(channel)) { release(entry.place) }
    }

    /// Takes no more connections and lets those that are open end.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        for acceptor in acceptors { acceptor.finish() }
        acceptors = []
        for entry in connections.values { entry.connection.drain() }
        for entry in channels.values { entry.connection.drain() }
    }

    /// The `Date` field, made once for each second.
    func date(at now: UInt64) -> String {
        let second = now / 1_000_000_000
        if let cachedDate, cachedDate.second == second { return cachedDate.text }
        let text = HTTPDate.format(unixSeconds: shared.wallClock())
        cachedDate = (second, text)
        return text
    }

    private func acceptor(
        _ socket: ListeningSocket,
        _ worker: Worker,
        _ loop: EventLoop
    ) throws(SystemError) -> Acceptor {
        try Acceptor(
            socket,
            on: loop,
            onAccept: { [weak self] descriptor, peer in
                if let self { accepted(descriptor, peer, worker, loop) } else { _ = close(descriptor) }
            },
            onExhaustion: { [weak self] news in self?.heard(news, loop) }
        )
    }

    private func closeAcceptors() {
        for acceptor in acceptors { acceptor.close() }
        acceptors = []
    }

    private func accepted(_ descriptor: Int32, _ peer: SocketAddress?, _ worker: Worker, _ loop: EventLoop) {
        switch shared.tally.admit(peer) {
        case .admitted(let place):
            if keep(descriptor, peer, place, worker, loop) == nil { shared.tally.release(place) }
        case .refused(let limit, let isNews):
            if isNews {
                let client = limit.name == .connectionsPerAddress ? " by \(peer?.host ?? "a client")" : ""
                configuration.logger.warning("\(limit) is reached\(client); new connections are refused.")
            }
            guard refusalsUnderWay < Self.refusals else {
                refuse(descriptor, limit, loop)
                _ = close(descriptor)
                return
            }
            guard let connection = keep(descriptor, peer, nil, worker, loop) else { return }
            refusalsUnderWay += 1
            connection.refuse(.tooManyConnections(limit))
        }
    }

    /// Makes a connection of a descriptor, which is closed when that fails.
    private func keep(
        _ descriptor: Int32,
        _ peer: SocketAddress?,
        _ place: ConnectionTally.Place?,
        _ worker: Worker,
        _ loop: EventLoop
    ) -> HTTPConnection? {
        do throws(SystemError) {
            let connection = try HTTPConnection(
                descriptor: descriptor,
                peer: peer,
                server: self,
                worker: worker,
                loop: loop
            )
            connections[ObjectIdentifier(connection)] = Entry(connection: connection, place: place)
            return connection
        } catch {
            configuration.logger.warning("A connection was lost as it came: \(error)")
            return nil
        }
    }

    private func release(_ place: ConnectionTally.Place?) {
        if let place { shared.tally.release(place) } else { refusalsUnderWay -= 1 }
    }

    private func heard(_ news: Acceptor.Exhaustion, _ loop: EventLoop) {
        switch news {
        case .began(let error): shared.exhaustion.began(error, open: shared.tally.count)
        case .refused(let descriptor):
            shared.exhaustion.refused()
            refuse(descriptor, ReachedLimit(.descriptors, DescriptorLimit.current), loop)
        case .ended: shared.exhaustion.ended()
        }
    }

    /// Answers on a descriptor that is closed right afterwards. A peer whose request is still on its way may see a reset
    /// instead: waiting for it would take the very thing there is none of.
    private func refuse(_ descriptor: Int32, _ limit: ReachedLimit, _ loop: EventLoop) {
        // Before a handshake nothing can be said that the client would believe.
        guard configuration.tls == nil else { return }
        let (head, body) = handler.refusal(.tooManyConnections(limit), of: nil)
        var encoder = ResponseEncoder()
        var output: [UInt8] = []
        let isEncoded: Void? = try? encoder.respond(
            head,
            body: body,
            to: nil,
            closing: true,
            date: date(at: loop.now),
            into: &output
        )
        guard isEncoded != nil else { return }
        // So little that an empty socket buffer takes all of it.
        send(descriptor, output, output.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        // What has come already would turn the end into a reset if it were left unread (RFC 9112 §9.6).
        var request = [UInt8](repeating: 0, count: 16 * 1024)
        recv(descriptor, &request, request.count, Int32(MSG_DONTWAIT))
    }
}
