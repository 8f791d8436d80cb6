public import HTTPTypes
public import Reactor

/// An answer.
public struct Response: Sendable {
    /// What is sent after the head.
    public enum Body: Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// What `begin` and those it tells write, until the writer is ended: server-sent events.
        case live(begin: @Sendable (isolated Worker, ResponseWriter) -> Void)
        /// The connection becomes a WebSocket; the head is the 101 response.
        case webSocket(WebSocketUpgrade)
    }

    /// The status code.
    public var status: HTTPResponse.Status
    /// The fields, without those that frame the body.
    public var headers: HTTPFields
    /// What follows.
    public var body: Body

    /// Creates an answer.
    public init(status: HTTPResponse.Status, headers: HTTPFields = HTTPFields(), body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Writes the body of a live response. Lives on its loop.
public final class ResponseWriter {
    private weak var connection: HTTPConnection?
    /// Called once when the response can no longer be written: the peer left, or the server goes down.
    public var onClose: (() -> Void)?
    /// Called when what was written has drained after ``write(_:)`` returned false.
    public var onDrain: (() -> Void)?

    init(_ connection: HTTPConnection) { self.connection = connection }

    /// Bytes that wait for the peer beyond what the kernel holds.
    public var pendingBytes: Int { connection?.stream?.pendingBytes ?? 0 }

    /// Sends bytes.
    /// - Returns: false when no more should be written before ``onDrain``.
    public func write(_ bytes: [UInt8]) -> Bool { connection?.writeLive(bytes) ?? false }

    /// Ends the response.
    public func end() { connection?.endLive(isUnwanted: false) }

    func closed() {
        connection = nil
        onDrain = nil
        onClose.take()?()
    }

    /// Lets go of those who listen, who are likely to hold the writer.
    func ended() {
        connection = nil
        onDrain = nil
        onClose = nil
    }

    func drained() { onDrain?() }
}
