/// Percent-encoding of UTF-8 text (RFC 3986 §2.1).
public enum PercentEncoding {
    /// Decodes `%XX`; with `plusIsSpace`, also `+` as HTML forms write a space.
    ///
    /// - Throws: ``HTTPError/Fault/percentEncoding`` when `%` is not followed by two hexadecimal digits or the result
    ///   is not UTF-8. O(n); text without `%` is only copied.
    public static func decode(_ text: Substring, plusIsSpace: Bool = false) throws(HTTPError) -> String {
        let source = text.utf8
        if !source.contains(where: { $0 == ASCII.percent || plusIsSpace && $0 == ASCII.plus }) { return String(text) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(source.count)
        var bytes = source.makeIterator()
        while let byte = bytes.next() {
            if byte == ASCII.percent {
                guard let high = bytes.next().flatMap(ASCII.hexValue), let low = bytes.next().flatMap(ASCII.hexValue)
                else { throw .malformed(.percentEncoding) }
                decoded.append(high << 4 | low)
            } else if plusIsSpace, byte == ASCII.plus {
                decoded.append(ASCII.space)
            } else {
                decoded.append(byte)
            }
        }
        guard let result = String(validating: decoded, as: UTF8.self) else { throw .malformed(.percentEncoding) }
        return result
    }

    /// Decodes `%XX` in a whole string. See ``decode(_:plusIsSpace:)-(Substring,_)``.
    public static func decode(_ text: String, plusIsSpace: Bool = false) throws(HTTPError) -> String {
        try decode(Substring(text), plusIsSpace: plusIsSpace)
    }

    /// Encodes every byte that is not unreserved (RFC 3986 §2.3): right for a query name, value or a file name.
    public static func encode(_ text: String) -> String {
        encode(text, allowed: .unreserved)
    }

    /// Encodes what may not stand in one path segment (RFC 3986 §3.3); `/` is encoded.
    public static func encodePathSegment(_ text: String) -> String {
        encode(text, allowed: .pathSegment)
    }

    private static func encode(_ text: String, allowed: ByteSet) -> String {
        if text.utf8.allSatisfy({ allowed.contains($0) }) { return text }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count * 3)
        for byte in text.utf8 {
            if allowed.contains(byte) {
                encoded.append(byte)
            } else {
                encoded.append(ASCII.percent)
                encoded.append(hexDigit(byte >> 4))
                encoded.append(hexDigit(byte & 15))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? ASCII.zero + value : 0x41 + value - 10
    }
}
