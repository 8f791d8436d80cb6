internal import HTTPTypes

/// How the end of a request's content is found (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Hashable {
    /// Neither `Content-Length` nor `Transfer-Encoding`: no content.
    case none
    /// `Content-Length` bytes.
    case fixed(Int)
    /// The chunked transfer coding.
    case chunked
}

extension BodyFraming {
    /// Reads the framing fields; whatever could be read in two ways is refused.
    init(fields: HTTPFields, version: HTTPVersion) throws(HTTPError) {
        let codings = fields[values: .transferEncoding]
        let lengths = fields[values: .contentLength]
        if codings.isEmpty {
            guard let length = lengths.first else {
                self = .none
                return
            }
            guard lengths.count == 1, let value = Self.decimal(length) else { throw .malformed(.contentLength) }
            self = .fixed(value)
            return
        }
        if !lengths.isEmpty { throw .malformed(.ambiguousLength) }
        // HTTP/1.0 knows no transfer codings; a message that has one was framed by somebody else (RFC 9112 §6.1).
        if version == .http10 { throw .malformed(.transferEncoding) }
        guard codings.count == 1, let coding = codings.first else { throw .malformed(.transferEncoding) }
        if !ASCII.equalIgnoringCase(coding, "chunked") { throw Self.refusal(of: coding) }
        self = .chunked
    }

    /// Unknown codings are 501, but a list that does not end in one `chunked` has no known length and is 400.
    private static func refusal(of coding: String) -> HTTPError {
        let items = coding.split(separator: ",", omittingEmptySubsequences: false).map { FieldList.trimmed($0) }
        let chunked = items.filter { ASCII.equalIgnoringCase($0, "chunked") }.count
        if items.contains(where: \.isEmpty) || chunked > 1 { return .malformed(.transferEncoding) }
        if chunked == 1, let last = items.last, !ASCII.equalIgnoringCase(last, "chunked") {
            return .malformed(.transferEncoding)
        }
        return .unsupportedTransferCoding
    }

    /// `1*DIGIT` (RFC 9110 §8.6): no sign, no list, no overflow.
    private static func decimal(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
