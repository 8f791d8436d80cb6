internal import HTTPTypes

/// A parsed request line (RFC 9112 §3).
struct RequestLine: Sendable, Equatable {
    let method: HTTPRequest.Method
    let target: String
    let form: TargetForm
    let version: HTTPVersion

    /// Parses `method SP request-target SP HTTP-version`, without the CRLF.
    init(parsing line: Span<UInt8>) throws(HTTPError) {
        guard let firstSpace = Self.firstSpace(line, from: 0) else { throw .malformed(.requestLine) }
        let targetStart = firstSpace + 1
        guard let secondSpace = Self.firstSpace(line, from: targetStart), secondSpace > targetStart else {
            throw .malformed(.requestLine)
        }
        method = try Self.parseMethod(line.extracting(0..<firstSpace))
        version = try Self.parseVersion(line.extracting((secondSpace + 1)..<line.count))
        target = try Self.parseTarget(line.extracting(targetStart..<secondSpace))
        form = try TargetForm(target: target, method: method)
    }

    private static func firstSpace(_ line: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < line.count {
            if line[index] == ASCII.space { return index }
            index += 1
        }
        return nil
    }

    /// A token that starts with a letter. Every registered method does, and what does not is noise from a
    /// connection that lost its framing.
    private static func parseMethod(_ bytes: Span<UInt8>) throws(HTTPError) -> HTTPRequest.Method {
        guard bytes.count > 0, ByteSet.letters.contains(bytes[0]),
            let method = HTTPRequest.Method(FieldLine.text(bytes))
        else { throw .malformed(.method) }
        return method
    }

    /// Case-sensitive `HTTP/1.0` or `HTTP/1.1`. Another well-formed version is 505, anything else 400.
    private static func parseVersion(_ bytes: Span<UInt8>) throws(HTTPError) -> HTTPVersion {
        let prefix: StaticString = "HTTP/"
        let hasPrefix = prefix.withUTF8Buffer { expected in
            bytes.count == expected.count + 3 && expected.indices.allSatisfy { bytes[$0] == expected[$0] }
        }
        guard hasPrefix, bytes[6] == 0x2E, ByteSet.digits.contains(bytes[5]), ByteSet.digits.contains(bytes[7]) else {
            throw .malformed(.requestLine)
        }
        switch (bytes[5], bytes[7]) {
        case (ASCII.zero + 1, ASCII.zero): return .http10
        case (ASCII.zero + 1, ASCII.zero + 1): return .http11
        default: throw .unsupportedVersion
        }
    }

    /// Visible ASCII only. RFC 3986 allows fewer characters, but browsers send `"` and `|` raw, and they are harmless.
    private static func parseTarget(_ bytes: Span<UInt8>) throws(HTTPError) -> String {
        for index in 0..<bytes.count where bytes[index] <= 0x20 || bytes[index] >= 0x7F {
            throw .malformed(.target)
        }
        return FieldLine.text(bytes)
    }
}
