public import HTTP
public import HTTPTypes

/// Why a request is no acceptable WebSocket handshake (RFC 6455 §4.2.1).
public enum HandshakeError: String, Error, Equatable, Sendable {
    /// The request does not ask for an upgrade to `websocket` over HTTP/1.1.
    case upgradeRequired
    /// Not a GET, or a request with content.
    case method
    /// `Sec-WebSocket-Version` is not 13.
    case version
    /// `Sec-WebSocket-Key` is missing, repeated, or not the base64 of 16 bytes.
    case key
    /// `Sec-WebSocket-Protocol` is not a list of distinct tokens.
    case subprotocol
    /// `Sec-WebSocket-Extensions` breaks its grammar (RFC 6455 §9.1).
    case extensions

    /// The status to answer with.
    public var status: HTTPResponse.Status {
        switch self {
        case .upgradeRequired, .version: .upgradeRequired
        case .method: .methodNotAllowed
        case .key, .subprotocol, .extensions: .badRequest
        }
    }

    /// A response head that tells the client what would be accepted (RFC 6455 §4.4, RFC 9110 §15.5.22).
    public var response: ResponseHead {
        var headers = HTTPFields()
        switch self {
        case .upgradeRequired, .version:
            headers[.upgrade] = "websocket"
            headers[.connection] = "Upgrade"
            headers[.secWebSocketVersion] = "13"
        case .method: headers[.allow] = "GET"
        case .key, .subprotocol, .extensions: break
        }
        return ResponseHead(status: status, headers: headers)
    }
}
