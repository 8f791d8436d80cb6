public import HTTP
public import Logging
public import WebSocket

/// Sizes and times a server keeps to.
public struct ServerConfiguration: Sendable {
    /// The limits of request heads.
    public var http: HTTPLimits
    /// The limits of WebSocket messages.
    public var webSocket: WebSocketLimits
    /// How WebSocket messages are compressed for clients that offer it; nil for not at all.
    public var deflate: DeflatePolicy?
    /// Connections of this process; more are answered 503 and closed.
    public var maximumConnections: Int
    /// From the first byte of a request (or the connection's beginning) to the end of its head.
    public var headerTimeout: Duration
    /// Between two pieces of a request's content.
    public var bodyTimeout: Duration
    /// Between two requests on one connection.
    public var idleTimeout: Duration
    /// How long a peer may take nothing of what waits for it.
    public var stallTimeout: Duration
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
        headerTimeout = .seconds(10)
        bodyTimeout = .seconds(30)
        idleTimeout = .seconds(75)
        stallTimeout = .seconds(30)
        pingInterval = .seconds(25)
        pongTimeout = .seconds(8)
        closeTimeout = .seconds(5)
        writeBudget = 1 << 20
        self.logger = logger
    }
}
