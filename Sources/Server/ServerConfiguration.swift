public import HTTP
public import Logging
public import Reactor
public import WebSocket

/// Sizes and times a server keeps to.
public struct ServerConfiguration: Sendable {
    /// The limits of request heads.
    public var http: HTTPLimits
    /// The limits of WebSocket messages.
    public var webSocket: WebSocketLimits
    /// The certificates of a server that speaks TLS only; nil for plain connections.
    public var tls: TLSServer?
    /// How WebSocket messages are compressed for clients that offer it; nil for not at all.
    public var deflate: DeflatePolicy?
    /// Connections of this process, on all its loops; more are answered 503 and closed.
    public var maximumConnections: Int
    /// Connections of one IPv4 address, or of one /64 of IPv6 addresses, on all loops; 0 means any number.
    public var maximumConnectionsPerAddress: Int
    /// Where ``maximumConnectionsPerAddress`` does not hold: proxies, which speak for many. Never for Unix sockets either.
    public var unlimitedAddresses: [AddressRange]
    /// From the first byte of a request (or the connection's beginning) to the end of its head.
    public var headerTimeout: Duration
    /// Between two pieces of a request's content.
    public var bodyTimeout: Duration
    /// Bytes per second that a request's content must come in at, averaged over ``bodyTimeout``; 0 means any rate.
    ///
    /// Not a deadline for the whole request: an honest upload over a slow line may take an hour.
    public var minimumBodyRate: Int
    /// Between two requests on one connection.
    public var idleTimeout: Duration
    /// How long a peer may take nothing of what waits for it.
    public var stallTimeout: Duration
    /// Frames of a WebSocket per second, of any kind, control frames included; 0 means any number.
    public var maximumFramesPerSecond: Int
    /// Between two pings on a WebSocket.
    public var pingInterval: Duration
    /// How long the answer to a ping may take.
    public var pongTimeout: Duration
    /// How long the closing handshake of a WebSocket may take.
    public var closeTimeout: Duration
    /// Bytes waiting for one peer beyond which its sources are told to pause.
    public var writeBudget: Int
    /// Where the server reports.
    public var logger: Logger

    /// Creates a configuration with safe defaults.
    public init(logger: Logger) {
        http = .default
        webSocket = .default
        maximumConnections = 10_000
        maximumConnectionsPerAddress = 256
        unlimitedAddresses = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }
        headerTimeout = .seconds(10)
        bodyTimeout = .seconds(30)
        minimumBodyRate = 256
        idleTimeout = .seconds(75)
        stallTimeout = .seconds(30)
        maximumFramesPerSecond = 5000
        pingInterval = .seconds(25)
        pongTimeout = .seconds(8)
        closeTimeout = .seconds(5)
        writeBudget = 1 << 20
        self.logger = logger
    }
}
