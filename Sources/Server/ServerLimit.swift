/// The limits a server enforces by itself, named as they are in the configuration.
public enum ServerLimit: String, Sendable, Hashable {
    /// ``ServerConfiguration/headerTimeout``
    case headerTimeout = "header_timeout"
    /// ``ServerConfiguration/bodyTimeout``
    case bodyTimeout = "body_timeout"
    /// ``ServerConfiguration/minimumBodyRate``
    case minimumBodyRate = "min_body_rate"
    /// ``ServerConfiguration/maximumConnections``
    case connections = "max_connections"
    /// ``ServerConfiguration/maximumConnectionsPerAddress``
    case connectionsPerAddress = "max_connections_per_address"
    /// The process's limit of descriptors (`RLIMIT_NOFILE`), which is the operating system's to set.
    case descriptors = "open_file_limit"

    /// What the limit counts.
    public enum Unit: Sendable {
        /// Things: connections, descriptors.
        case count
        /// Seconds.
        case seconds
        /// Bytes in a second.
        case bytesPerSecond
    }

    /// What the limit counts.
    public var unit: Unit {
        switch self {
        case .headerTimeout, .bodyTimeout: .seconds
        case .minimumBodyRate: .bytesPerSecond
        case .connections, .connectionsPerAddress, .descriptors: .count
        }
    }
}

/// A limit that was reached, with its value: what a refusal and the log name.
public struct ReachedLimit: Sendable, Hashable, CustomStringConvertible {
    /// Which one.
    public let name: ServerLimit
    /// Its value, in the limit's unit.
    public let value: Int

    /// Creates the value.
    public init(_ name: ServerLimit, _ value: Int) {
        self.name = name
        self.value = value
    }

    /// A time limit, in whole seconds, at least one.
    init(_ name: ServerLimit, _ time: Duration) {
        let (seconds, attoseconds) = time.components
        self.init(name, max(1, Int(seconds) + (attoseconds > 0 ? 1 : 0)))
    }

    /// `header_timeout of 10 s`
    public var description: String {
        switch name.unit {
        case .count: "\(name.rawValue) of \(value)"
        case .seconds: "\(name.rawValue) of \(value) s"
        case .bytesPerSecond: "\(name.rawValue) of \(value) B/s"
        }
    }
}
