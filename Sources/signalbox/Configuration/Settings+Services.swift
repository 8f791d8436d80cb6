import Gateway
import HTTP
import Logging
import Reactor
import Server
import WebSocket

extension GatewayConfiguration {
    /// What the operator set, for the gateway.
    init(_ settings: Settings) throws(Failure) {
        self.init()
        version = Signalbox.version
        webRoot = try WebRoot.find(configured: settings.webRoot)
        allowedOrigins = Set(settings.allowedOrigins)
        hasSecureCookies = settings.transport.isEncrypted
        strictTransportAge = settings.transport.strictTransportAge
        serviceIdentities = try settings.transport.serviceIdentities()
        maximumBodyBytes = settings.maximumBodySize
        maximumUploadBytes = settings.maximumUploadSize
        maximumSubscriptions = settings.limits.subscriptions
        maximumCommands = settings.limits.commands
        messagesPerSecond = settings.limits.messagesPerSecond
        messageBurst = settings.limits.messageBurst
        helloTimeout = .seconds(settings.limits.helloTimeout)
        minimumCompressedBytes = settings.limits.compressed
        // The rest of the time is for the goodbyes.
        drainTimeout = .seconds(settings.limits.drainTimeout) * 2 / 3
    }
}

extension ServerConfiguration {
    /// What the operator set, for the server.
    init(_ settings: Settings, tls: TLSServer?, logger: Logger) {
        self.init(logger: logger)
        self.tls = tls
        let limits = settings.limits
        http.requestLine = limits.requestLine
        http.headerBytes = limits.headers
        http.headerCount = limits.headerCount
        webSocket = WebSocketLimits(
            frameBytes: limits.frame,
            messageBytes: limits.message,
            fragments: limits.fragments
        )
        deflate = settings.transport.deflate
        deflate?.inflatingBytes = limits.inflating
        deflate?.contextBytes = limits.compressionContexts
        maximumConnections = settings.maximumConnections
        maximumConnectionsPerAddress = limits.connectionsPerAddress
        unlimitedAddresses = limits.unlimitedAddresses.compactMap { AddressRange($0) }
        headerTimeout = .seconds(settings.headerTimeout)
        bodyTimeout = .seconds(limits.bodyTimeout)
        minimumBodyRate = limits.bodyRate
        idleTimeout = .seconds(settings.idleTimeout)
        stallTimeout = .seconds(limits.stallTimeout)
        writeBudget = limits.writeBudget
        maximumFramesPerSecond = limits.framesPerSecond
        pingInterval = .seconds(limits.pingInterval)
        pongTimeout = .seconds(limits.pongTimeout)
        closeTimeout = .seconds(limits.closeTimeout)
    }
}
