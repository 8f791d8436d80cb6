/// The bounds a ``RequestParser`` enforces. Every size a peer controls has one.
///
/// All sizes are in bytes and exclude the CRLF that ends a line.
public struct HTTPLimits: Sendable, Equatable {
    /// Names one bound, for errors, logs and configuration.
    public enum Name: String, Sendable, Equatable {
        /// ``HTTPLimits/requestLine``
        case requestLine
        /// ``HTTPLimits/headerBytes``
        case headerBytes
        /// ``HTTPLimits/headerCount``
        case headerCount
        /// ``HTTPLimits/body`` or the per-request bound set by ``RequestParser/setBodyLimit(_:)``
        case body
        /// ``HTTPLimits/chunkExtensionBytes``
        case chunkExtensionBytes
        /// ``HTTPLimits/trailerBytes``
        case trailerBytes
    }

    /// The longest request line. RFC 9112 §3 asks for at least 8000.
    public var requestLine: Int
    /// All field lines of a head together.
    public var headerBytes: Int
    /// Field lines of a head, and of a trailer section. Never above 65 000, which `HTTPFields` could not hold.
    public var headerCount: Int {
        didSet { headerCount = min(headerCount, Self.maxHeaderCount) }
    }
    /// The content of one request, after chunk decoding, unless overridden for that request.
    public var body: Int
    /// Chunk extensions of one body together. They carry no meaning here, only cost.
    public var chunkExtensionBytes: Int
    /// All field lines of a trailer section together.
    public var trailerBytes: Int

    private static let maxHeaderCount = 65_000

    /// Creates limits; the defaults suit a public API.
    public init(
        requestLine: Int = 8 * 1024,
        headerBytes: Int = 32 * 1024,
        headerCount: Int = 100,
        body: Int = 1024 * 1024,
        chunkExtensionBytes: Int = 1024,
        trailerBytes: Int = 8 * 1024
    ) {
        self.requestLine = requestLine
        self.headerBytes = headerBytes
        self.headerCount = min(headerCount, Self.maxHeaderCount)
        self.body = body
        self.chunkExtensionBytes = chunkExtensionBytes
        self.trailerBytes = trailerBytes
    }

    /// The limits used when none are given.
    public static let `default` = HTTPLimits()
}
