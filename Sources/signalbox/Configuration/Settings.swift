/// Everything an operator can set, with its defaults. ``Setting/all`` says how each is named, checked and explained.
struct Settings: Sendable {
    var host = "127.0.0.1"
    var port = 8080
    /// "on" or "off".
    var tcp = "on"
    var unixSocket: String?
    /// Octal.
    var unixSocketMode = "0660"
    /// As given; relative to the working directory.
    var dataDirectory = ".signalbox"
    var databaseURL: String?
    /// Nil means that nodes tell each other through the database alone.
    var redisURL: String?
    /// The path of the map of tenants; nil when all of them live in one database.
    var tenantDatabases: String?
    var jwtSecret: String?
    /// 0 means one for each core.
    var workers = 0
    /// For each worker.
    var databaseConnections = 4
    /// Days; 0 means for ever.
    var historyDays = 0
    /// Seconds.
    var accessTokenLifetime = 15 * 60
    /// Seconds.
    var sessionLifetime = 12 * 60 * 60
    var allowedOrigins: [String] = []
    /// Bytes.
    var maximumBodySize = 1 << 20
    /// Bytes.
    var maximumUploadSize = 100 << 20
    var maximumConnections = 10_000
    /// Seconds.
    var idleTimeout = 75
    /// Seconds.
    var headerTimeout = 10
    var limits = LimitSettings()
    var transport = TransportSettings()
    var engine = EngineSettings()
    var webhooks = WebhookSettings()
    var logLevel = "info"
    /// Nil means the folder next to the executable or of the repository.
    var webRoot: String?
}
