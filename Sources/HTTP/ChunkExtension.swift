/// The grammar of chunk extensions (RFC 9112 §7.1.1). They are checked, then ignored.
enum ChunkExtension {
    /// Checks `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`.
    static func validate(_ bytes: Span<UInt8>) throws(HTTPError) {
        var index = 0
        while index < bytes.count {
            index = skipWhitespace(bytes, index)
            guard index < bytes.count, bytes[index] == ASCII.semicolon else { throw .malformed(.chunkExtension) }
            index = try skipToken(bytes, skipWhitespace(bytes, index + 1))
            let afterName = skipWhitespace(bytes, index)
            guard afterName < bytes.count, bytes[afterName] == ASCII.equals else { continue }
            index = skipWhitespace(bytes, afterName + 1)
            if index < bytes.count, bytes[index] == ASCII.quote {
                index = try skipQuotedString(bytes, index + 1)
            } else {
                index = try skipToken(bytes, index)
            }
        }
    }

    private static func skipWhitespace(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] == ASCII.space || bytes[index] == ASCII.tab { index += 1 }
        return index
    }

    private static func skipToken(_ bytes: Span<UInt8>, _ start: Int) throws(HTTPError) -> Int {
        let set = ByteSet.token
        var index = start
        while index < bytes.count, set.contains(bytes[index]) { index += 1 }
        if index == start { throw .malformed(.chunkExtension) }
        return index
    }

    private static func skipQuotedString(_ bytes: Span<UInt8>, _ start: Int) throws(HTTPError) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case ASCII.quote: return index + 1
            case ASCII.backslash:
                index += 1
                guard index < bytes.count, FieldLine.isValueByte(bytes[index]) else {
                    throw .malformed(.chunkExtension)
                }
            case let byte where FieldLine.isValueByte(byte): break
            default: throw .malformed(.chunkExtension)
            }
            index += 1
        }
        throw .malformed(.chunkExtension)
    }
}
