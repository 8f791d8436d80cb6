import Glibc
import HTTP
import Logging
import Reactor
import WebSocket

/// One loop's share of a server.
final class ServerState {
    let configuration: ServerConfiguration
    let handler: any HTTPHandler
    /// Nil when WebSockets are not compressed.
    let deflatePool: DeflatePool?
    private(set) var isDraining = false
    private var acceptor: Acceptor?
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var channels: [ObjectIdentifier: WebSocketChannel] = [:]
    private let maximumConnections: Int
    private let wallClock: () -> Int
    private var cachedDate: (second: UInt64, text: String)?
    /// Whether the limit was reached and the operator told; once, and not for each connection of a flood.
    private var isFull = false

    /// Connections over the limit that may wait for the answer that refuses them; more are closed without one.
    private static let refusals = 64

    init(configuration: ServerConfiguration, handler: any HTTPHandler, share: Int, wallClock: @escaping () -> Int) {
        self.configuration = configuration
        self.handler = handler
        deflatePool = configuration.deflate.map { DeflatePool(policy: $0) }
        self.wallClock = wallClock
        maximumConnections = max(1, configuration.maximumConnections / max(1, share))
    }

    var connectionCount: Int { connections.count + channels.count }

    func listen(on socket: ListeningSocket, worker: Worker, loop: EventLoop) throws(SystemError) {
        let logger = configuration.logger
        acceptor = try Acceptor(
            socket,
            on: loop,
            onAccept: { [weak self] descriptor, peer in
                if let self { accepted(descriptor, peer, worker, loop) } else { _ = close(descriptor) }
            },
            onExhaustion: { error in
                logger.warning("No new connection can be taken: \(error). Those that are open are served on.")
            }
        )
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        noteSpace()
    }

    func add(_ channel: WebSocketChannel) { channels[ObjectIdentifier(channel)] = channel }

    func remove(_ channel: WebSocketChannel) {
        channels[ObjectIdentifier(channel)] = nil
        noteSpace()
    }

    /// Takes no more connections and lets those that are open end.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        acceptor.take()?.close()
        for connection in connections.values { connection.drain() }
        for channel in channels.values { channel.drain() }
    }

    /// The `Date` field, made once for each second.
    func date(at now: UInt64) -> String {
        let second = now / 1_000_000_000
        if let cachedDate, cachedDate.second == second { return cachedDate.text }
        let text = HTTPDate.format(unixSeconds: wallClock())
        cachedDate = (second, text)
        return text
    }

    private func accepted(_ descriptor: Int32, _ peer: SocketAddress?, _ worker: Worker, _ loop: EventLoop) {
        let limit = configuration.maximumConnections
        if connectionCount >= maximumConnections, !isFull {
            isFull = true
            configuration.logger.warning(
                "The limit max_connections of \(limit) is reached; new connections are refused."
            )
        }
        guard connectionCount < maximumConnections + Self.refusals else {
            _ = close(descriptor)
            return
        }
        do throws(SystemError) {
            let connection = try HTTPConnection(
                descriptor: descriptor,
                peer: peer,
                server: self,
                worker: worker,
                loop: loop
            )
            connections[ObjectIdentifier(connection)] = connection
            if connectionCount > maximumConnections { connection.refuse(.tooManyConnections(limit: limit)) }
        } catch {
            configuration.logger.warning("A connection was lost as it came: \(error)")
        }
    }

    private func noteSpace() {
        if connectionCount < maximumConnections { isFull = false }
    }
}
