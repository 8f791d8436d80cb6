internal import HTTPTypes

extension RequestParser {
    /// The longest chunk size we read: sixteen digits are 64 bits.
    private static let maxSizeDigits = 16

    /// Reads one chunk-size line with its extensions (RFC 9112 §7.1).
    mutating func readChunkSize() throws(HTTPError) -> Bool {
        let bound = limits.chunkExtensionBytes
        let limit = Self.maxSizeDigits + bound - extensionBytes
        guard let length = try nextLine(limit: limit, name: .chunkExtensionBytes, bound: bound) else { return false }
        let (size, digits) = try input.withBytes { (bytes) throws(HTTPError) -> (Int, Int) in
            let line = bytes.extracting(0..<length)
            let (size, digits) = try Self.parseChunkSize(line)
            try ChunkExtension.validate(line.extracting(digits..<length))
            return (size, digits)
        }
        extensionBytes += length - digits
        if extensionBytes > bound { throw .limitExceeded(.chunkExtensionBytes, limit: bound) }
        if size > bodyLimit - bodyBytes { throw .limitExceeded(.body, limit: bodyLimit) }
        bodyBytes += size
        consumeLine(length)
        state = size == 0 ? .trailers : .chunkData(remaining: size)
        return true
    }

    private static func parseChunkSize(_ line: Span<UInt8>) throws(HTTPError) -> (size: Int, digits: Int) {
        var size: UInt64 = 0
        var digits = 0
        while digits < line.count, let value = ASCII.hexValue(line[digits]) {
            digits += 1
            if digits > maxSizeDigits { throw .malformed(.chunkSize) }
            size = size << 4 | UInt64(value)
        }
        guard digits > 0, let size = Int(exactly: size) else { throw .malformed(.chunkSize) }
        if digits < line.count {
            switch line[digits] {
            case ASCII.semicolon, ASCII.space, ASCII.tab: break
            default: throw .malformed(.chunkSize)
            }
        }
        return (size, digits)
    }

    /// Reads the CRLF after chunk data.
    mutating func readChunkEnd() throws(HTTPError) -> Bool {
        if input.count >= 1, input[0] != ASCII.carriageReturn { throw .malformed(.chunkEnd) }
        guard input.count >= 2 else { return false }
        if input[1] != ASCII.lineFeed { throw .malformed(.chunkEnd) }
        input.consume(2)
        state = .chunkSize
        return true
    }

    /// Refuses trailers that would have changed framing, routing or connection handling (RFC 9110 §6.5.1).
    func checkTrailers() throws(HTTPError) {
        let forbidden: [HTTPField.Name] = [.contentLength, .transferEncoding, .connection, .upgrade, .trailer]
        let fields = HTTPFields(self.fields)
        if !fields.hosts.isEmpty || forbidden.contains(where: fields.contains) { throw .malformed(.trailerField) }
    }
}
