public import HTTPTypes

/// Writes the responses of one connection, in order (RFC 9112 §4, §6, §7). Appends to a buffer the caller lends.
///
/// For each request: any number of ``writeInformational(_:into:)``, one ``begin(_:body:to:closing:date:into:)``, pieces
/// with ``write(_:into:)-([UInt8],_)``, one ``end(trailers:into:)``. Content that must not be sent (HEAD, 204, 304) is
/// dropped here, so that handlers need not know.
public struct ResponseEncoder: Sendable {
    private enum State: Sendable, Equatable {
        case idle
        case fixed(remaining: Int)
        case chunked
        case untilClose
        case suppressed
    }

    private var state = State.idle

    /// Whether the connection may be used again once the current response has ended. Decided by `begin`.
    public private(set) var keepsAlive = true

    /// A response was begun and not ended: an error can no longer be answered, only cut off.
    public var isMidResponse: Bool { state != .idle }

    /// Creates an encoder for a fresh connection.
    public init() {}

    /// Writes an interim response: 100, 102, 103, or 101 after which the protocol changes (RFC 9110 §15.2).
    ///
    /// - Throws: ``HTTPError/misuse(_:)`` for a status outside 100–199 or fields that cannot be sent.
    public func writeInformational(_ head: ResponseHead, into output: inout [UInt8]) throws(HTTPError) {
        guard head.status.kind == .informational else { throw .misuse(.status) }
        guard state == .idle else { throw .misuse(.outOfOrder) }
        try Self.check(head.headers)
        Self.append(head, date: nil, to: &output)
        output.append(contentsOf: Self.lineEnd)
    }

    /// Writes status line and header section of a final response.
    ///
    /// - Parameters:
    ///   - request: The request being answered; nil when it could not be parsed, which closes the connection.
    ///   - closing: Close after this response even if the client would keep the connection.
    ///   - date: An ``HTTPDate``; left out when nil or when `head` has a `Date` of its own.
    /// - Throws: ``HTTPError/misuse(_:)``; nothing was written then.
    public mutating func begin(
        _ head: ResponseHead,
        body: ResponseBody,
        to request: RequestHead?,
        closing: Bool = false,
        date: String? = nil,
        into output: inout [UInt8]
    ) throws(HTTPError) {
        guard state == .idle else { throw .misuse(.outOfOrder) }
        guard (200...999).contains(head.status.code) else { throw .misuse(.status) }
        if case .fixed(let length) = body, length < 0 { throw .misuse(.bodyTooShort) }
        try Self.check(head.headers)
        if let date, !HTTPField.isValidValue(date) { throw .misuse(.headerInjection) }

        let code = head.status.code
        let isBodiless = code == 204 || code == 304
        let canChunk = request?.version != .http10
        let closesHead = FieldList.contains("close", in: head.headers[values: .connection])
        var keepsAlive = request?.keepAlive == true && !closing && !closesHead
        if body == .stream, !canChunk, !isBodiless { keepsAlive = false }

        Self.append(head, date: date, to: &output)
        if !isBodiless {
            switch body {
            case .fixed(let length): output.append(contentsOf: "content-length: \(length)\r\n".utf8)
            case .stream where canChunk: output.append(contentsOf: Self.chunkedField)
            case .stream: break
            }
        }
        if !keepsAlive, !closesHead {
            output.append(contentsOf: Self.closeField)
        } else if keepsAlive, request?.version == .http10 {
            output.append(contentsOf: Self.keepAliveField)
        }
        output.append(contentsOf: Self.lineEnd)

        self.keepsAlive = keepsAlive
        if isBodiless || request?.method == .head {
            state = .suppressed
        } else {
            switch body {
            case .fixed(let length): state = .fixed(remaining: length)
            case .stream: state = canChunk ? .chunked : .untilClose
            }
        }
    }

    /// Writes a piece of content. An empty piece writes nothing.
    ///
    /// - Throws: ``HTTPError/Misuse/bodyTooLong`` beyond the announced length, ``HTTPError/Misuse/outOfOrder`` without
    ///   a head; nothing was written then.
    public mutating func write(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(HTTPError) {
        switch state {
        case .idle: throw .misuse(.outOfOrder)
        case .fixed(let remaining):
            guard bytes.count <= remaining else { throw .misuse(.bodyTooLong) }
            state = .fixed(remaining: remaining - bytes.count)
            output.append(contentsOf: bytes)
        case .chunked:
            if bytes.isEmpty { return }
            output.append(contentsOf: String(bytes.count, radix: 16).utf8)
            output.append(contentsOf: Self.lineEnd)
            output.append(contentsOf: bytes)
            output.append(contentsOf: Self.lineEnd)
        case .untilClose: output.append(contentsOf: bytes)
        case .suppressed: break
        }
    }

    /// Writes a piece of content. See ``write(_:into:)-(UnsafeRawBufferPointer,_)``.
    public mutating func write(_ bytes: [UInt8], into output: inout [UInt8]) throws(HTTPError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(HTTPError) in
            try write(UnsafeRawBufferPointer(buffer), into: &output)
        }
    }

    /// Ends the response. Trailers are sent only where the body is chunked.
    ///
    /// - Throws: ``HTTPError/Misuse/bodyTooShort`` when announced bytes are missing. The response is over all the same,
    ///   and ``keepsAlive`` is false: the peer can only learn of it by the close.
    public mutating func end(trailers: HTTPFields = HTTPFields(), into output: inout [UInt8]) throws(HTTPError) {
        switch state {
        case .idle: throw .misuse(.outOfOrder)
        case .fixed(let remaining):
            state = .idle
            guard remaining == 0 else {
                keepsAlive = false
                throw .misuse(.bodyTooShort)
            }
        case .chunked:
            try Self.check(trailers)
            output.append(contentsOf: Self.lastChunk)
            for field in trailers { Self.append(field, to: &output) }
            output.append(contentsOf: Self.lineEnd)
            state = .idle
        case .untilClose, .suppressed: state = .idle
        }
    }

    /// Writes a whole response: `begin`, the content, `end`.
    public mutating func respond(
        _ head: ResponseHead,
        body: [UInt8],
        to request: RequestHead?,
        closing: Bool = false,
        date: String? = nil,
        into output: inout [UInt8]
    ) throws(HTTPError) {
        try begin(head, body: .fixed(body.count), to: request, closing: closing, date: date, into: &output)
        try write(body, into: &output)
        try end(into: &output)
    }
}
