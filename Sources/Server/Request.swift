// Server: connections, from bytes to requests and back.
//
// What it is for: joining the sockets of Reactor with the codecs of HTTP and WebSocket, with a limit on every size and time,
// and serving static files. It must never know a route, a tenant or a document.

public import HTTP
public import Reactor

/// A request as a handler gets it.
public struct Request: Sendable {
    /// Request line and fields.
    public let head: RequestHead
    /// The whole content; empty when it comes through ``stream``.
    public let body: [UInt8]
    /// The content piece by piece, for a ``RequestPlan/stream(limit:)``.
    public let stream: RequestBody?
    /// Where the request came from.
    public let peer: SocketAddress?
    /// What is known of the client from the handshake of an encrypted connection; nil on a plain one.
    public let tls: TLSPeer?
    /// The loop it came in on, where its handler runs.
    public let worker: Worker
}

/// What to do with the content of a request, decided when its head is there.
public enum RequestPlan: Sendable {
    /// Read all of it, at most `limit` bytes, before the handler runs.
    case collect(limit: Int)
    /// Run the handler at once and give it the content piece by piece, at most `limit` bytes.
    case stream(limit: Int)
}

/// The content of a request on its way in. Reading from the peer stops while the handler does not ask for more.
public struct RequestBody: Sendable {
    let worker: Worker
    let channel: ChannelID
    let number: UInt64

    /// The next piece, nil after the last.
    /// - Throws: ``BodyError``.
    public func next() async throws(BodyError) -> [UInt8]? {
        try await worker.nextBodyPiece(channel, number)
    }
}

/// Why the content of a request did not arrive as a whole.
public enum BodyError: Error, Equatable, Sendable {
    /// The connection ended first.
    case disconnected
    /// The content breaks the protocol or a limit.
    case invalid(HTTPError)
}

/// Who answers requests.
public protocol HTTPHandler: Sendable {
    /// Decides what happens to the content. Called on the loop; must be quick.
    func plan(for head: RequestHead) -> RequestPlan
    /// Answers a request. Runs as a task on the request's loop.
    func respond(to request: Request) async -> Response
    /// The answer to what the server itself refuses. Called on the loop.
    /// - Parameter head: the head of the refused request, when that much of it is there.
    func refusal(_ reason: Refusal, of head: RequestHead?) -> (head: ResponseHead, body: [UInt8])
}

/// Why the server itself refuses a request.
public enum Refusal: Sendable, Equatable {
    /// Bytes that are not a request, or one over a limit.
    case invalid(HTTPError)
    /// The request did not arrive in time.
    case timeout(ReachedLimit)
    /// There are as many connections as there may be.
    case tooManyConnections(ReachedLimit)
}
