import CPQ
import Reactor

/// Where the database is and how to sign in.
public struct PostgresConfiguration: Sendable, Equatable {
    /// How the server is found.
    enum Host: Sendable, Equatable {
        /// The folder of a Unix socket.
        case socketDirectory(String)
        /// A numeric address.
        case address(String)
        /// A name, resolved by the blocking pool before every connection: libpq itself would block the loop in DNS.
        case name(String)
    }

    let host: Host
    /// libpq's connection parameters, without `host` and `hostaddr`.
    let parameters: [String: String]

    /// The folder libpq looks in when no host is named, on Debian.
    static let defaultSocketDirectory = "/var/run/postgresql"

    /// Reads a connection URL or keyword list as libpq does (PostgreSQL documentation, section 34.1.1):
    /// `postgresql://user:password@host:port/database?sslmode=require`, or with a socket folder
    /// `postgresql:///database?host=/run/postgresql`.
    ///
    /// - Throws: ``PostgresError/Kind/invalidConfiguration`` for text libpq does not understand, and for several hosts.
    public init(_ text: String) throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            // libpq's message quotes the text, which may hold the password.
            PQfreemem(message)
            throw PostgresError(.invalidConfiguration, "the database URL cannot be parsed")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var next = options
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val, value.pointee != 0 {
                values[String(cString: keyword)] = String(cString: value)
            }
            next += 1
        }
        let name = values.removeValue(forKey: "host")
        let address = values.removeValue(forKey: "hostaddr")
        guard name?.contains(",") != true, address?.contains(",") != true else {
            throw PostgresError(.invalidConfiguration, "the database URL names several hosts; name one")
        }
        if let address {
            host = .address(address)
            values["host"] = name
        } else if let name, !name.hasPrefix("/") {
            host = HostName.isAddress(name) ? .address(name) : .name(name)
            values["host"] = name
        } else {
            host = .socketDirectory(name ?? Self.defaultSocketDirectory)
        }
        parameters = values
    }

    /// The same server and account with another database.
    public func with(database: String) -> PostgresConfiguration {
        var parameters = parameters
        parameters["dbname"] = database
        return PostgresConfiguration(host: host, parameters: parameters)
    }

    private init(host: Host, parameters: [String: String]) {
        self.host = host
        self.parameters = parameters
    }

    /// Everything `PQconnectStartParams` gets, with the address that ``Host/name(_:)`` was resolved to.
    func connectionParameters(address: String?, applicationName: String) -> [(keyword: String, value: String)] {
        var all = parameters
        switch host {
        case .socketDirectory(let folder): all["host"] = folder
        case .address(let address): all["hostaddr"] = address
        case .name: all["hostaddr"] = address
        }
        all["application_name"] = all["application_name"] ?? applicationName
        all["client_encoding"] = "UTF8"
        // Kerberos would look up names and read files on the loop.
        all["gssencmode"] = "disable"
        let defaults = [
            // A peer that is gone without a word is found out, also while nothing is sent.
            "tcp_user_timeout": "15000", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
            // A replica takes no changes: it is as good as no server.
            "target_session_attrs": "read-write",
        ]
        all.merge(defaults) { given, _ in given }
        return all.sorted { $0.key < $1.key }.map { (keyword: $0.key, value: $0.value) }
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// Database and host, without account and password.
    public var description: String {
        let place =
            switch host {
            case .socketDirectory(let text), .address(let text), .name(let text): text
            }
        return "\(parameters["dbname"] ?? "default database") at \(place)"
    }

    /// As ``description``: a password must not get into a log by way of `dump`.
    public var debugDescription: String { description }
}

/// Sizes and times of a client's connections.
public struct PostgresOptions: Sendable {
    /// The most connections of each worker, at least 1.
    public var connectionsPerWorker = 4
    /// The most callers of each worker that may wait for a connection.
    public var waitersPerWorker = 1024
    /// How long a caller waits for a connection.
    public var waitDeadline = Duration.seconds(10)
    /// How long making a connection may take, signing in and ``onConnect`` included.
    public var connectTimeout = Duration.seconds(5)
    /// How long a statement may run before the server ends it; nil for no limit.
    public var statementTimeout: Duration? = .seconds(30)
    /// How long a statement may wait for a lock before the server ends it; nil for no limit.
    public var lockTimeout: Duration? = .seconds(10)
    /// How long a transaction may stay idle before the server ends its connection; nil for no limit. So long may a process
    /// that is gone without a word keep its locks.
    public var idleInTransactionTimeout: Duration? = .seconds(10)
    /// The wait before the first new attempt after a failed connection; doubles up to ``longestBackoff``, with jitter.
    public var shortestBackoff = Duration.milliseconds(50)
    /// The longest wait between attempts to connect.
    public var longestBackoff = Duration.seconds(5)
    /// What the server shows in `pg_stat_activity`.
    public var applicationName = "signalbox"
    /// Statements that each new connection runs first, in one transaction: `SET ROLE …`.
    public var onConnect: [PostgresStatement] = []

    /// Creates the defaults.
    public init() {}

    /// The settings each new connection gets, and then ``onConnect``.
    var setup: [PostgresStatement] {
        func set(_ name: String, _ duration: Duration?) -> PostgresStatement {
            let milliseconds = duration.map { max(1, $0.wholeMilliseconds) } ?? 0
            return PostgresStatement("SELECT set_config($1, $2, false)", [.text(name), .text(String(milliseconds))])
        }
        return [
            set("statement_timeout", statementTimeout), set("lock_timeout", lockTimeout),
            set("idle_in_transaction_session_timeout", idleInTransactionTimeout),
        ] + Self.keepalives + onConnect
    }

    /// The server finds out within half a minute, too, that a connection's process or network is gone, and ends what it
    /// did there. Without effect on Unix sockets, which cannot be half open.
    private static let keepalives = [
        ("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "15000"),
    ].map { PostgresStatement("SELECT set_config($1, $2, false)", [.text($0.0), .text($0.1)]) }

    /// How long an answer is waited for: the server's limit and a little more, so that a dead network ends it too.
    var answerDeadline: Duration? { statementTimeout.map { $0 + .seconds(5) } }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
