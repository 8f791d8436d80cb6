import HTTP
import HTTPTypes
import Reactor
import Server
import WebSocket

/// Sends every content back, whatever the method and the path, and opens the WebSockets.
struct LabHandler: HTTPHandler {
    /// The session for a WebSocket on a path; nil where there is none.
    typealias SessionFactory = @Sendable (isolated Worker, String, WebSocketChannel) -> (any WebSocketDelegate)?

    let contentLimit: Int
    let session: SessionFactory

    func plan(for head: RequestHead) -> RequestPlan { .collect(limit: contentLimit) }

    func respond(to request: Request) async -> Response {
        if request.head.headers.contains(.upgrade) { return open(request.head) }
        return Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream"],
            body: .bytes(request.body)
        )
    }

    func refusal(_ reason: Refusal, of head: RequestHead?) -> (head: ResponseHead, body: [UInt8]) {
        let (status, text): (HTTPResponse.Status, String) =
            switch reason {
            case .invalid(let error): (error.suggestedStatus, error.description)
            case .timeout(let limit): (.requestTimeout, "The limit \(limit) is reached.")
            case .tooManyConnections(let limit): (.serviceUnavailable, "The limit \(limit) is reached.")
            }
        return (ResponseHead(status: status, headers: [.contentType: "text/plain"]), Array((text + "\n").utf8))
    }

    private func open(_ head: RequestHead) -> Response {
        do {
            let handshake = try HandshakeRequest(head)
            let (session, path) = (self.session, String(head.path))
            let response = handshake.accepting()
            return Response(
                status: response.status,
                headers: response.headers,
                body: .webSocket(
                    WebSocketUpgrade(offers: handshake.extensions) { session($0, path, $1) ?? UnknownPath($1) }
                )
            )
        } catch {
            return Response(status: error.response.status, headers: error.response.headers)
        }
    }
}
