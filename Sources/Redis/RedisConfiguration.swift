import HTTP
import Reactor

/// Where the server is and how to sign in.
public struct RedisConfiguration: Sendable, Equatable {
    /// How the server is found.
    enum Place: Sendable, Equatable {
        case address(SocketAddress)
        /// A name, looked up by the blocking pool before every connection.
        case name(String, port: UInt16)
    }

    /// What a URL looks like, for messages.
    public static let form = "redis://[user:password@]host[:port] or unix://[user:password@]/path"

    static let defaultPort: UInt16 = 6379

    let place: Place
    /// Nil for the account `default`.
    let user: String?
    let password: String?

    /// Reads a URL: `redis://host`, `redis://:password@host:6379/`, `redis://user:password@[::1]`, `unix:///run/redis.sock`.
    ///
    /// User and password may be percent-encoded (RFC 3986 section 2.1). A database number (`/0`) is taken and has no
    /// effect, because channels belong to no database.
    /// - Throws: ``RedisError/invalidURL(_:)``; also for `rediss://`: this client does not speak TLS.
    public init(_ text: String) throws(RedisError) {
        guard let (scheme, rest) = Self.split(text, at: "://") else {
            throw .invalidURL("it must be \(Self.form)")
        }
        switch scheme {
        case "redis":
            let (authority, path) = Self.split(rest, at: "/") ?? (rest, Substring())
            guard path.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
                throw .invalidURL("nothing but a database number may follow the host")
            }
            let (account, host) = Self.splitAccount(authority)
            (user, password) = try Self.account(account)
            place = try Self.place(host)
        case "unix":
            let (account, path) = Self.splitAccount(rest)
            (user, password) = try Self.account(account)
            guard path.hasPrefix("/"), let address = SocketAddress(unixPath: String(path)) else {
                throw .invalidURL(
                    "the path must begin with / and have at most \(SocketAddress.maximumPathBytes) bytes"
                )
            }
            place = .address(address)
        case "rediss":
            throw .invalidURL("rediss is not supported: Redis is spoken to without TLS")
        default:
            throw .invalidURL("it must be \(Self.form)")
        }
    }

    private static func place(_ text: Substring) throws(RedisError) -> Place {
        var host = text
        var port = defaultPort
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .invalidURL("the address lacks its ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":") else { throw .invalidURL("only a port may follow the ]") }
                port = try Self.port(rest.dropFirst())
            }
        } else if let (name, number) = split(text, at: ":") {
            host = name
            port = try Self.port(number)
        }
        if let address = SocketAddress(host: String(host), port: port) { return .address(address) }
        // Letters, digits, hyphens and dots (RFC 1123 section 2.1), and the underscore of container names.
        guard !text.hasPrefix("["), (1...253).contains(host.utf8.count),
            host.utf8.allSatisfy({ isNameByte($0) })
        else { throw .invalidURL("the host must be a name or a numeric address") }
        return .name(String(host), port: port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func port(_ text: Substring) throws(RedisError) -> UInt16 {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let port = UInt16(text), port > 0
        else { throw .invalidURL("the port must be 1 to 65535") }
        return port
    }

    private static func account(_ text: Substring?) throws(RedisError) -> (user: String?, password: String?) {
        guard let text else { return (nil, nil) }
        guard let (name, secret) = split(text, at: ":"), !secret.isEmpty else {
            throw .invalidURL("what is before the @ must be user:password or :password")
        }
        guard let user = try? PercentEncoding.decode(name), let password = try? PercentEncoding.decode(secret) else {
            throw .invalidURL("a % in user or password must begin two hexadecimal digits of UTF-8")
        }
        return (user.isEmpty ? nil : user, password)
    }

    /// A password may contain the sign itself.
    private static func splitAccount(_ text: Substring) -> (account: Substring?, rest: Substring) {
        guard let sign = text.lastIndex(of: "@") else { return (nil, text) }
        return (text[..<sign], text[text.index(after: sign)...])
    }

    private static func split(_ text: some StringProtocol, at mark: String) -> (Substring, Substring)? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(mark) {
                return (
                    Substring(text[..<start]), Substring(text[text.index(start, offsetBy: mark.count)...])
                )
            }
            start = text.index(after: start)
        }
        return nil
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// The place, without account and password.
    public var description: String {
        switch place {
        case .address(let address): address.description
        case .name(let name, let port): "\(name):\(port)"
        }
    }

    /// As ``description``: a password must not get into a log by way of `dump`.
    public var debugDescription: String { description }
}

/// Sizes and times of a client's connections.
public struct RedisOptions: Sendable {
    /// How long making a connection may take, signing in excluded.
    public var connectTimeout = Duration.seconds(5)
    /// The wait before the first new attempt after a failed connection; doubles up to ``longestBackoff``, with jitter.
    public var shortestBackoff = Duration.milliseconds(50)
    /// The longest wait between attempts to connect.
    public var longestBackoff = Duration.seconds(5)
    /// How long a connection may be quiet before the server is asked whether it is there.
    public var heartbeat = Duration.seconds(1)
    /// How many times ``heartbeat`` in a row may pass without a byte before the connection counts as lost, at least 2. It is
    /// also the time that signing in may take. Counted in beats, so that a process that itself stood still blames nobody.
    public var patience = 4
    /// Bytes that wait to be sent; what would make them more is dropped.
    public var queueBytes = 8 << 20
    /// The largest reply in bytes; whoever sends more is cut off.
    public var replyBytes = 4 << 20
    /// What the server shows in `CLIENT LIST`.
    public var clientName = "signalbox"

    /// Creates the defaults.
    public init() {}
}
