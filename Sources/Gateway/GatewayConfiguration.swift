public import Identity
import Reactor

/// Sizes, times and places the gateway keeps to.
public struct GatewayConfiguration: Sendable {
    /// The version in the OpenAPI document.
    public var version = "0.1.0"
    /// The folder with the page; nil serves the API only.
    public var webRoot: String?
    /// Origins, as browsers write them, whose pages may open a WebSocket with the session cookie, besides the server's own.
    public var allowedOrigins: Set<String> = []
    /// Whether cookies are marked `Secure`: true behind TLS.
    public var hasSecureCookies = false
    /// Who the holders of client certificates are, by a URI, a host name or the whole subject of the certificate.
    public var serviceIdentities: [String: ServiceIdentity] = [:]
    /// How long browsers are to use HTTPS only, in seconds (HSTS, RFC 6797); said over TLS, and not at all when 0.
    public var strictTransportAge = 0
    /// The largest JSON content, in bytes.
    public var maximumBodyBytes = 1 << 20
    /// The largest upload, in bytes.
    public var maximumUploadBytes = 100 << 20
    /// Answers of the API from this many bytes on are compressed for clients that accept it.
    public var minimumCompressedBytes = 1024
    /// Subscriptions of one WebSocket.
    public var maximumSubscriptions = 100
    /// Commands of one WebSocket that are being carried out; more are refused.
    public var maximumCommands = 32
    /// Messages of one WebSocket per second, on average; beyond it the connection is closed with 4429.
    public var messagesPerSecond = 500
    /// Messages of one WebSocket at once.
    public var messageBurst = 1000
    /// How long a WebSocket may take to say hello.
    public var helloTimeout = Duration.seconds(5)
    /// How long before the proof of identity ends the client is told.
    public var expiryWarning = Duration.seconds(60)
    /// Between two signs of life on a WebSocket, as told to clients.
    public var heartbeat = Duration.seconds(20)
    /// Between two comments on an event stream.
    public var eventStreamHeartbeat = Duration.seconds(15)
    /// How long commands that are being carried out may take when the server goes down.
    public var drainTimeout = Duration.seconds(2)

    /// Creates a configuration with safe defaults.
    public init() {}

    /// Who the holder of a certificate is; nil for one that nobody was set for.
    func service(_ certificate: TLSPeer.Certificate?) -> ServiceIdentity? {
        guard let certificate, !serviceIdentities.isEmpty else { return nil }
        let names = certificate.uris + certificate.dnsNames + [certificate.subject]
        return names.lazy.compactMap { serviceIdentities[$0] }.first
    }
}
