public import HTTPTypes

/// What can go wrong in this target. The peer's faults carry the status to answer with; ``misuse(_:)`` is ours.
public enum HTTPError: Error, Equatable, Sendable {
    /// The bytes break the grammar or a framing rule.
    case malformed(Fault)
    /// A bound was passed. `limit` is the bound in force, in bytes or items.
    case limitExceeded(HTTPLimits.Name, limit: Int)
    /// A transfer coding other than `chunked` (RFC 9112 §6.1).
    case unsupportedTransferCoding
    /// An HTTP version other than 1.0 and 1.1 (RFC 9110 §15.6.6).
    case unsupportedVersion
    /// An expectation other than `100-continue` (RFC 9110 §10.1.1).
    case unsupportedExpectation
    /// The caller asked ``ResponseEncoder`` for something that would not be HTTP.
    case misuse(Misuse)

    /// Where the grammar was broken.
    public enum Fault: String, Sendable, Equatable {
        /// A line ends in a bare LF, or contains a bare CR (RFC 9112 §2.2).
        case lineEnding
        /// More than one empty line before a request line (RFC 9112 §2.2).
        case emptyLine
        /// Not `method SP target SP version` (RFC 9112 §3).
        case requestLine
        /// The method is not a token that starts with a letter (RFC 9110 §9.1).
        case method
        /// The target fits none of the four forms, or not the method (RFC 9112 §3.2).
        case target
        /// The field name is empty, not a token, or followed by white space (RFC 9112 §5.1).
        case fieldName
        /// The field value contains a control character (RFC 9110 §5.5).
        case fieldValue
        /// A field line starts with white space (RFC 9112 §5.2).
        case lineFolding
        /// HTTP/1.1 without `Host`, more than one `Host`, or one that is no authority (RFC 9112 §3.2).
        case host
        /// `Content-Length` is no decimal number, or appears twice (RFC 9112 §6.3).
        case contentLength
        /// `Content-Length` and `Transfer-Encoding` together (RFC 9112 §6.1).
        case ambiguousLength
        /// `Transfer-Encoding` is empty, does not end in `chunked`, repeats it, or came with HTTP/1.0 (RFC 9112 §6.1).
        case transferEncoding
        /// The chunk size is not one to sixteen hexadecimal digits (RFC 9112 §7.1).
        case chunkSize
        /// A chunk extension breaks its grammar (RFC 9112 §7.1.1).
        case chunkExtension
        /// Chunk data is not followed by CRLF (RFC 9112 §7.1).
        case chunkEnd
        /// A field that may not be sent as a trailer (RFC 9110 §6.5.1).
        case trailerField
        /// A `%` is not followed by two hexadecimal digits, or the result is not UTF-8 (RFC 3986 §2.1).
        case percentEncoding
        /// A decoded path segment contains `/`, a control character, or is `.` or `..`.
        case pathSegment
        /// A media type or media range (RFC 9110 §8.3.1, §12.5.1).
        case mediaType
        /// An entity tag list (RFC 9110 §8.8.3).
        case entityTag
    }

    /// How ``ResponseEncoder`` was misused.
    public enum Misuse: String, Sendable, Equatable {
        /// A header value contains CR, LF or NUL, or a name starts with a colon.
        case headerInjection
        /// The head carries `Content-Length` or `Transfer-Encoding`, which the encoder owns.
        case framingField
        /// The status is not a three-digit code the called method may send.
        case status
        /// More body bytes than announced.
        case bodyTooLong
        /// Fewer body bytes than announced.
        case bodyTooShort
        /// Body bytes without a head, or a head inside a body.
        case outOfOrder
        /// A cookie name or attribute that would change the meaning of the line.
        case cookie
    }

    /// The status of the response this error calls for.
    public var suggestedStatus: HTTPResponse.Status {
        switch self {
        case .malformed: .badRequest
        case .limitExceeded(let name, _):
            switch name {
            case .requestLine: .uriTooLong
            case .body: .contentTooLarge
            case .headerBytes, .headerCount, .trailerBytes: .requestHeaderFieldsTooLarge
            case .chunkExtensionBytes: .badRequest
            }
        case .unsupportedTransferCoding: .notImplemented
        case .unsupportedVersion: .httpVersionNotSupported
        case .unsupportedExpectation: .expectationFailed
        case .misuse: .internalServerError
        }
    }
}

extension HTTPError: CustomStringConvertible {
    /// One sentence that never repeats the peer's bytes, so that it is safe to log and to send.
    public var description: String {
        switch self {
        case .malformed(let fault): "The request is malformed: \(fault.rawValue)."
        case .limitExceeded(let name, let limit): "The request is over the limit \(name.rawValue) of \(limit)."
        case .unsupportedTransferCoding: "The only supported transfer coding is chunked."
        case .unsupportedVersion: "The supported versions are HTTP/1.0 and HTTP/1.1."
        case .unsupportedExpectation: "The only supported expectation is 100-continue."
        case .misuse(let misuse): "The response cannot be encoded: \(misuse.rawValue)."
        }
    }
}
