public import HTTP
internal import HTTPTypes

/// A valid opening handshake (RFC 6455 §4.2.1), and the answers to it.
public struct HandshakeRequest: Sendable, Equatable {
    /// `Sec-WebSocket-Key`: base64 of 16 bytes.
    public let key: String
    /// The subprotocols the client speaks, most wanted first.
    public let subprotocols: [String]
    /// The extensions the client offers, most wanted first.
    public let extensions: [ExtensionOffer]
    /// `Origin`, which browsers always send. Checking it is the caller's duty.
    public let origin: String?

    /// Judges a request.
    /// - Throws: ``HandshakeError``; answer its ``HandshakeError/response``.
    public init(_ head: RequestHead) throws(HandshakeError) {
        guard head.upgradesTo("websocket") else { throw .upgradeRequired }
        guard head.method == .get, head.framing == .none || head.framing == .fixed(0) else { throw .method }
        let headers = head.headers
        guard headers[values: .secWebSocketVersion] == ["13"] else { throw .version }
        let keys = headers[values: .secWebSocketKey]
        guard keys.count == 1, let key = keys.first, Base64.decodedCount(key) == 16 else { throw .key }
        let subprotocols = FieldList.tokens(headers[values: .secWebSocketProtocol])
        guard subprotocols.allSatisfy(FieldList.isToken), Set(subprotocols).count == subprotocols.count else {
            throw .subprotocol
        }
        var extensions: [ExtensionOffer] = []
        for item in FieldList.tokens(headers[values: .secWebSocketExtensions]) {
            guard let offer = ExtensionOffer(parsing: item) else { throw .extensions }
            extensions.append(offer)
        }
        self.key = key
        self.subprotocols = subprotocols.map(String.init)
        self.extensions = extensions
        self.origin = headers[.origin]
    }

    /// The first of the client's subprotocols that is in `supported`, or nil.
    public func chooseSubprotocol(from supported: [String]) -> String? {
        subprotocols.first { supported.contains($0) }
    }

    /// The 101 response (RFC 6455 §4.2.2). Write it with ``HTTP/ResponseEncoder/writeInformational(_:into:)``.
    ///
    /// What is agreed to of the ``extensions`` is for their owner to add.
    /// - Parameter subprotocol: The chosen one, or nil.
    public func accepting(subprotocol: String? = nil) -> ResponseHead {
        var headers = HTTPFields(
            Self.upgradeFields + [HTTPField(name: .secWebSocketAccept, value: Self.acceptValue(forKey: key))]
        )
        if let subprotocol { headers[.secWebSocketProtocol] = subprotocol }
        return ResponseHead(status: .switchingProtocols, headers: headers)
    }

    private static let upgradeFields = [
        HTTPField(name: .upgrade, value: "websocket"), HTTPField(name: .connection, value: "Upgrade"),
    ]

    /// `Sec-WebSocket-Accept` for a key: base64 of SHA-1 of the key and a fixed GUID (RFC 6455 §1.3).
    public static func acceptValue(forKey key: String) -> String {
        Base64.encode(SHA1.digest(of: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
