import Persistence

/// The one table of settings: the parser, `--help`, `signalbox config` and docs/CONFIGURATION.md all read it.
extension Setting {
    static let host = Setting("host", .address(\.host), "The address to listen on.")
    static let port = Setting("port", .integer(\.port, 0...65535), "The port to listen on; 0 takes any free one.")
    static let dataDirectory = Setting(
        "data_dir",
        .text(\.dataDirectory),
        "Where `signalbox dev` keeps its database, secrets and logins."
    )
    static let databaseURL = Setting(
        "database_url",
        .secret(\.databaseURL, minimumBytes: 1),
        "The Postgres 15 database, as postgresql://user:password@host/name; its user must own the database."
    )
    static let redisURL = Setting(
        "redis_url",
        .redisURL(\.redisURL),
        "A Redis 7 server that carries events between nodes and spreads runnable flows over them; it may be away. Who can publish there can show events."
    )
    static let tenantDatabases = Setting(
        "tenant_databases",
        .optionalText(\.tenantDatabases),
        "A YAML file that says which tenants live in other databases, see docs/DATABASE.md; read again on SIGHUP."
    )
    static let jwtSecret = Setting(
        "jwt_secret",
        .secret(\.jwtSecret, minimumBytes: 32),
        "Signs access tokens (HMAC-SHA-256). `signalbox dev` makes one itself."
    )
    static let workers = Setting("workers", .integer(\.workers, 0...256), "Event loops; 0 means one for each core.")
    static let databaseConnections = Setting(
        "database_connections",
        .integer(\.databaseConnections, 1...64),
        "Database connections of each worker."
    )
    static let historyDays = Setting(
        "history_days",
        .integer(\.historyDays, 0...HistoryPolicy.maximumDays),
        "Days for which events are kept at least; 0 means for ever."
    )
    static let accessTokenLifetime = Setting(
        "access_token_ttl",
        .duration(\.accessTokenLifetime, 10...86_400),
        "How long an access token is valid."
    )
    static let sessionLifetime = Setting(
        "session_ttl",
        .duration(\.sessionLifetime, 60...2_592_000),
        "How long a sign-in lasts, whatever is refreshed."
    )
    static let allowedOrigins = Setting(
        "allowed_origins",
        .list(\.allowedOrigins),
        "Origins of pages that may open sockets, besides the server's own."
    )
    static let maximumBodySize = Setting(
        "max_body_bytes",
        .size(\.maximumBodySize, 1024...64 << 20),
        "The largest request body, uploads aside."
    )
    static let maximumUploadSize = Setting(
        "max_upload_bytes",
        .size(\.maximumUploadSize, 1024...10 << 30),
        "The largest uploaded file."
    )
    static let maximumConnections = Setting(
        "max_connections",
        .integer(\.maximumConnections, 1...1_000_000),
        "Open connections at once, over all workers."
    )
    static let idleTimeout = Setting(
        "idle_timeout",
        .duration(\.idleTimeout, 1...3600),
        "How long a kept-alive connection may wait for its next request."
    )
    static let headerTimeout = Setting(
        "header_timeout",
        .duration(\.headerTimeout, 1...300),
        "How long a request's head may take to arrive."
    )
    static let logLevel = Setting(
        "log_level",
        .choice(\.logLevel, ["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        "The least important log lines to write."
    )
    static let webRoot = Setting(
        "web_root",
        .optionalText(\.webRoot),
        "The folder with the page; found next to the executable or in the repository unless set."
    )

    /// All settings, in the order in which they are shown.
    static let all: [Setting] =
        [
            host, port, dataDirectory, databaseURL, tenantDatabases, redisURL, jwtSecret, workers, databaseConnections,
            historyDays,
            accessTokenLifetime,
            sessionLifetime, allowedOrigins, maximumBodySize, maximumUploadSize, maximumConnections, idleTimeout,
            headerTimeout, logLevel, webRoot,
        ] + listening + transport + engine + webhooks + limits
}
