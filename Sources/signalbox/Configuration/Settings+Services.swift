import Gateway
import Logging
import Server

extension GatewayConfiguration {
    /// What the operator set, for the gateway.
    init(_ settings: Settings) throws(Failure) {
        self.init()
        version = Signalbox.version
        webRoot = try WebRoot.find(configured: settings.webRoot)
        allowedOrigins = Set(settings.allowedOrigins)
        maximumBodyBytes = settings.maximumBodySize
        maximumUploadBytes = settings.maximumUploadSize
    }
}

extension ServerConfiguration {
    /// What the operator set, for the server.
    init(_ settings: Settings, logger: Logger) {
        self.init(logger: logger)
        maximumConnections = settings.maximumConnections
        idleTimeout = .seconds(settings.idleTimeout)
        headerTimeout = .seconds(settings.headerTimeout)
    }
}
