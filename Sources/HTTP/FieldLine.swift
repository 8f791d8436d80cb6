internal import HTTPTypes

/// The grammar of one field line (RFC 9112 §5, RFC 9110 §5.5).
enum FieldLine {
    /// Parses `field-name ":" OWS field-value OWS`, without the CRLF.
    static func parse(_ line: Span<UInt8>) throws(HTTPError) -> HTTPField {
        let token = ByteSet.token
        var colon = 0
        while colon < line.count, token.contains(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == ASCII.colon else {
            let first = line[0]
            throw .malformed(first == ASCII.space || first == ASCII.tab ? .lineFolding : .fieldName)
        }
        var start = colon + 1
        var end = line.count
        while start < end, isWhitespace(line[start]) { start += 1 }
        while end > start, isWhitespace(line[end - 1]) { end -= 1 }
        var seen: UInt8 = 0
        for index in start..<end {
            guard isValueByte(line[index]) else { throw .malformed(.fieldValue) }
            seen |= line[index]
        }
        let name = FieldNames.known(line.extracting(0..<colon)) ?? HTTPField.Name(text(line.extracting(0..<colon)))
        guard let name else { throw .malformed(.fieldName) }
        let value = line.extracting(start..<end)
        // Kept as a string, ASCII need not be decoded each time it is read; anything else is kept byte for byte.
        guard seen < 0x80 else { return value.withUnsafeBufferPointer { HTTPField(name: name, value: $0) } }
        return HTTPField(name: name, value: text(value))
    }

    /// HTAB, SP, VCHAR and obs-text: all but the other control characters.
    static func isValueByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == ASCII.tab
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte == ASCII.tab
    }

    /// The text of bytes known to be ASCII.
    static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
