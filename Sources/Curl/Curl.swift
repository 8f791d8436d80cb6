// Curl: requests to other people's servers, by libcurl on our own loop.
//
// What it is for: one HTTP request to a URL that a stranger chose, and what came back of it, with a bound on everything:
// time, bytes, and the addresses that may be connected to. It must never know why the request is made.
//
// libcurl watches no socket itself: it tells which ones it waits for and until when (its multi socket interface), and is told
// what became of them. Names are looked up by threads of its own.

public import Reactor

/// Why there is no answer to a request.
public enum CurlError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The URL cannot be used.
    case invalidURL
    /// The name has no address.
    case unknownHost
    /// Every address behind the name is one that may not be connected to; this is the last of them.
    case addressRefused(SocketAddress)
    /// Nobody answers at the address.
    case notConnected
    /// TLS was not agreed on, or the certificate is not good for the name.
    case tls(String)
    /// The answer did not come in time.
    case timedOut
    /// The fields of the answer are larger than they may be.
    case headersTooLarge(limit: Int)
    /// What came is no HTTP, or it ended early.
    case brokenAnswer(String)
    /// The caller or the loop has ended.
    case cancelled

    /// One sentence, without a full stop.
    public var description: String {
        switch self {
        case .invalidURL: "the URL cannot be used"
        case .unknownHost: "the host name has no address"
        case .addressRefused: "the host's address is not one that may be connected to"
        case .notConnected: "the host does not accept the connection"
        case .tls(let reason): "TLS failed: \(reason)"
        case .timedOut: "no answer came in time"
        case .headersTooLarge(let limit): "the answer's header fields have more than \(limit) bytes"
        case .brokenAnswer(let reason): "the answer is broken: \(reason)"
        case .cancelled: "the request was given up"
        }
    }
}

/// A POST to a URL. Redirects are not followed, and no proxy is used, whatever the environment says.
public struct CurlRequest: Sendable {
    /// Where it goes: an `http` or `https` URL.
    public var url: String
    /// Header fields besides those that HTTP needs.
    public var headers: [(name: String, value: String)]
    /// The content.
    public var body: [UInt8]
    /// Whether it may go without TLS.
    public var mayBePlain = false
    /// Whether an address may be connected to. Asked with the very address that is connected to, after the name was looked
    /// up: what a name stood for earlier does not count.
    public var mayConnect: @Sendable (SocketAddress) -> Bool
    /// A PEM file with the authorities that are trusted; nil for those of the system.
    public var authorities: String?
    /// From the look-up of the name to the end of the TLS handshake.
    public var connectTimeout = Duration.seconds(10)
    /// For everything.
    public var timeout = Duration.seconds(30)
    /// The largest header fields of an answer, in bytes.
    public var headerLimit = 16 << 10
    /// How many bytes of an answer's content are read; the rest is not waited for.
    public var bodyLimit = 64 << 10

    /// Creates a request.
    public init(
        url: String,
        headers: [(name: String, value: String)],
        body: [UInt8],
        mayConnect: @escaping @Sendable (SocketAddress) -> Bool
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.mayConnect = mayConnect
    }
}

/// What a server answered.
public struct CurlResponse: Sendable, Equatable {
    /// The status code.
    public let status: Int
    /// The header fields by their names in lower case; of several with a name, the last.
    public let headers: [String: String]
    /// The first bytes of the content.
    public let body: [UInt8]

    /// Creates the value.
    public init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
