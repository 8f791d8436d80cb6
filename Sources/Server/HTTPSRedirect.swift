public import HTTP
import HTTPTypes

/// Answers every request on a plain port with the same place over HTTPS.
///
/// 308 keeps the method, so that a script that posts to the wrong port learns of it instead of getting something else.
public struct HTTPSRedirect: HTTPHandler {
    private let port: UInt16

    /// - Parameter port: The port for HTTPS; 443 is not written out.
    public init(port: UInt16) { self.port = port }

    /// Content is of no use here; the answer does not wait for it.
    public func plan(for head: RequestHead) -> RequestPlan { .stream(limit: .max) }

    /// Answers 308, or 400 to a client so old that it does not say which host it means.
    public func respond(to request: Request) async -> Response {
        guard let host = Self.host(request.head.authority), request.head.path.hasPrefix("/") else {
            return Self.plain(.badRequest, "The request names no place on a host.")
        }
        let authority = port == 443 ? host : "\(host):\(port)"
        let query = request.head.query.map { "?\($0)" } ?? ""
        return Response(
            status: .permanentRedirect,
            headers: [.location: "https://\(authority)\(request.head.path)\(query)"]
        )
    }

    /// Says what was wrong, without a redirect: what is no request has no place.
    public func refusal(_ reason: Refusal, of head: RequestHead?) -> (head: ResponseHead, body: [UInt8]) {
        let answer =
            switch reason {
            case .invalid(let error): Self.plain(error.suggestedStatus, error.description)
            case .timeout(let limit): Self.plain(.requestTimeout, "\(limit) is reached.")
            case .tooManyConnections(let limit): Self.plain(.serviceUnavailable, "\(limit) is reached.")
            }
        guard case .bytes(let body) = answer.body else { return (ResponseHead(status: answer.status), []) }
        return (ResponseHead(status: answer.status, headers: answer.headers), body)
    }

    private static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(status: status, headers: [.contentType: "text/plain"], body: .bytes(Array((text + "\n").utf8)))
    }

    /// The host of an authority, with the brackets of an IPv6 address, without the port.
    private static func host(_ authority: String?) -> Substring? {
        guard let authority else { return nil }
        if authority.hasPrefix("[") {
            return authority.firstIndex(of: "]").map { authority[...$0] }
        }
        let host = authority.prefix { $0 != ":" }
        return host.isEmpty ? nil : host
    }
}
