internal import HTTPTypes

/// Reads HTTP/1.x requests from one connection, incrementally and without I/O (RFC 9112).
///
/// Call ``receive(_:)-(UnsafeRawBufferPointer)`` with what arrived, then ``next()`` until it returns nil. Events
/// depend only on the bytes, never on how they were cut. Pipelined requests wait in the buffer until `next()` is called
/// again, so a caller that answers one request before asking for the next has backpressure; see ``bufferedBytes``.
///
/// After an error the parser is dead and repeats that error. After a request that ends the connection
/// (`Connection: close`, HTTP/1.0) or after ``takeRemainder()`` it is finished and ignores further bytes.
public struct RequestParser: Sendable {
    enum State: Sendable, Equatable {
        case requestLine(skippedEmptyLine: Bool)
        case headers
        case fixedBody(remaining: Int, admitted: Bool)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case end
        case finished
    }

    let limits: HTTPLimits
    var input = ByteQueue()
    var state = State.requestLine(skippedEmptyLine: false)
    private var failure: HTTPError?

    /// Bytes of the current line already searched for its end, so that slow arrival does not cost O(n²).
    var scanned = 0
    var sectionBytes = 0
    var requestLine: RequestLine?
    /// The lines of the present section; a list, because `HTTPFields` appends one at a time at many times the cost.
    var fields: [HTTPField] = []
    var bodyLimit: Int
    var bodyBytes = 0
    var extensionBytes = 0
    var keepAlive = true

    /// Creates a parser for a fresh connection.
    public init(limits: HTTPLimits = .default) {
        self.limits = limits
        self.bodyLimit = limits.body
    }

    /// Bytes received and not yet reported. Stop reading from the peer while this is large.
    public var bufferedBytes: Int { input.count }

    /// No request will follow: the last one ended the connection, or the bytes were handed over.
    public var isFinished: Bool { state == .finished }

    /// Between two requests with nothing buffered: closing now cuts nothing off.
    public var isIdle: Bool {
        if case .requestLine = state { return input.isEmpty }
        return false
    }

    /// Appends what the peer sent. Copies `bytes`.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil, state != .finished else { return }
        input.append(bytes)
    }

    /// Appends what the peer sent. Copies `bytes`.
    public mutating func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { receive($0) }
    }

    /// Appends what the peer sent. Copies `bytes`.
    public mutating func receive(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { receive($0) }
    }

    /// Bounds the content of the current request, in bytes, instead of ``HTTPLimits/body``.
    ///
    /// Takes effect when called after ``RequestEvent/head(_:)`` and before the next ``next()``; the following request
    /// starts from the default again.
    public mutating func setBodyLimit(_ limit: Int) {
        bodyLimit = limit
    }

    /// Hands over everything after the last reported event and finishes the parser: for protocol upgrades
    /// (RFC 9110 §7.8), after the upgrade request's ``RequestEvent/end(trailers:)``.
    public mutating func takeRemainder() -> [UInt8] {
        state = .finished
        return input.take(input.count)
    }

    /// The next event, or nil when more bytes are needed or the parser is finished.
    ///
    /// - Throws: the same ``HTTPError`` from then on; answer ``HTTPError/suggestedStatus`` once and close.
    public mutating func next() throws(HTTPError) -> RequestEvent? {
        if let failure { throw failure }
        do throws(HTTPError) {
            return try advance()
        } catch {
            failure = error
            input.removeAll()
            throw error
        }
    }

    private mutating func advance() throws(HTTPError) -> RequestEvent? {
        while true {
            switch state {
            case .requestLine(let skippedEmptyLine):
                guard try readRequestLine(skippedEmptyLine: skippedEmptyLine) else { return nil }
            case .headers:
                guard try readFields(bytes: (.headerBytes, limits.headerBytes)) else { return nil }
                return .head(try finishHead())
            case .fixedBody(let remaining, let admitted):
                if !admitted, remaining > bodyLimit { throw .limitExceeded(.body, limit: bodyLimit) }
                state = .fixedBody(remaining: remaining, admitted: true)
                guard let piece = takeBody(upTo: remaining) else { return nil }
                let rest = remaining - piece.count
                state = rest == 0 ? .end : .fixedBody(remaining: rest, admitted: true)
                return .body(piece)
            case .chunkSize:
                guard try readChunkSize() else { return nil }
            case .chunkData(let remaining):
                guard let piece = takeBody(upTo: remaining) else { return nil }
                let rest = remaining - piece.count
                state = rest == 0 ? .chunkEnd : .chunkData(remaining: rest)
                return .body(piece)
            case .chunkEnd:
                guard try readChunkEnd() else { return nil }
            case .trailers:
                guard try readFields(bytes: (.trailerBytes, limits.trailerBytes)) else { return nil }
                try checkTrailers()
                state = .end
            case .end:
                return .end(trailers: finishRequest())
            case .finished:
                return nil
            }
        }
    }

    private mutating func takeBody(upTo remaining: Int) -> [UInt8]? {
        input.isEmpty ? nil : input.take(min(remaining, input.count))
    }

    private mutating func finishRequest() -> HTTPFields {
        let trailers = HTTPFields(fields)
        fields = []
        requestLine = nil
        if keepAlive {
            state = .requestLine(skippedEmptyLine: false)
        } else {
            state = .finished
            input.removeAll()
        }
        return trailers
    }
}
