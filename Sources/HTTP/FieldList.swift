/// Comma-separated list fields (RFC 9110 §5.6.1).
package enum FieldList {
    /// The items of all `values`, trimmed, empty ones left out. Commas inside quoted strings do not separate.
    package static func tokens(_ values: [String], separator: UInt8 = ASCII.comma) -> [Substring] {
        var items: [Substring] = []
        for value in values {
            split(value, separator: separator, into: &items)
        }
        return items
    }

    /// Whether one of the items of `values` is `token`, without regard to case. Allocates nothing for ordinary values.
    ///
    /// - Parameter ignoringVersion: What follows a `/` in an item does not count, as in `Upgrade` (RFC 9110 §7.8).
    package static func contains(_ token: StaticString, in values: [String], ignoringVersion: Bool = false) -> Bool {
        for var value in values {
            let isFound = value.withUTF8 { bytes -> Bool? in
                bytes.contains(ASCII.quote) ? nil : contains(token, in: bytes, ignoringVersion)
            }
            // Commas inside quoted strings do not separate. No field that is asked for here knows such strings.
            let isItem = { (item: Substring) in
                let name = ignoringVersion ? item.prefix { $0 != "/" } : item
                return ASCII.equalIgnoringCase(name, token.description)
            }
            if isFound ?? tokens([value]).contains(where: isItem) { return true }
        }
        return false
    }

    private static func contains(
        _ token: StaticString,
        in bytes: UnsafeBufferPointer<UInt8>,
        _ ignoresVersion: Bool
    ) -> Bool {
        var start = 0
        while start < bytes.count {
            while start < bytes.count, isWhitespace(bytes[start]) { start += 1 }
            var end = start
            while end < bytes.count, bytes[end] != ASCII.comma { end += 1 }
            let next = end + 1
            while end > start, isWhitespace(bytes[end - 1]) { end -= 1 }
            let length = token.utf8CodeUnitCount
            let hasEnd =
                end - start == length || ignoresVersion && end - start > length && bytes[start + length] == ASCII.slash
            if hasEnd, equal(bytes, start, token) { return true }
            start = next
        }
        return false
    }

    private static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ token: StaticString) -> Bool {
        token.withUTF8Buffer { token in
            token.indices.allSatisfy { ASCII.lowercased(bytes[start + $0]) == ASCII.lowercased(token[$0]) }
        }
    }

    private static func split(_ value: String, separator: UInt8, into items: inout [Substring]) {
        let bytes = value.utf8
        var start = bytes.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in bytes.indices {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == ASCII.backslash {
                isEscaped = true
            } else if byte == ASCII.quote {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                append(value[start..<index], to: &items)
                start = bytes.index(after: index)
            }
        }
        append(value[start...], to: &items)
    }

    private static func append(_ item: Substring, to items: inout [Substring]) {
        let item = trimmed(item)
        if !item.isEmpty { items.append(item) }
    }

    /// `text` without SP and HTAB at either end.
    package static func trimmed(_ text: Substring) -> Substring {
        let bytes = text.utf8
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, isWhitespace(bytes[start]) { start = bytes.index(after: start) }
        while end > start {
            let last = bytes.index(before: end)
            guard isWhitespace(bytes[last]) else { break }
            end = last
        }
        return text[start..<end]
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte == ASCII.tab
    }

    /// Splits `name = value` at the first `=`, trims both and removes quotes (RFC 9110 §5.6.6).
    ///
    /// Nil when the name is no token or the value is neither a token nor a quoted string. `value` is nil without `=`.
    package static func parameter(_ text: Substring) -> (name: Substring, value: String?)? {
        guard let equals = text.utf8.firstIndex(of: ASCII.equals) else {
            return isToken(text) ? (text, nil) : nil
        }
        let name = trimmed(text[..<equals])
        let raw = trimmed(text[text.utf8.index(after: equals)...])
        guard isToken(name) else { return nil }
        if raw.utf8.first == ASCII.quote {
            guard let value = unquoted(raw) else { return nil }
            return (name, value)
        }
        return isToken(raw) ? (name, String(raw)) : nil
    }

    /// Whether `text` is a non-empty token (RFC 9110 §5.6.2).
    package static func isToken(_ text: Substring) -> Bool {
        let token = ByteSet.token
        return !text.isEmpty && text.utf8.allSatisfy { token.contains($0) }
    }

    private static func unquoted(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var isEscaped = false
        var isClosed = false
        for byte in text.utf8.dropFirst() {
            if isClosed { return nil }
            if isEscaped {
                bytes.append(byte)
                isEscaped = false
            } else if byte == ASCII.backslash {
                isEscaped = true
            } else if byte == ASCII.quote {
                isClosed = true
            } else {
                bytes.append(byte)
            }
        }
        return isClosed ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
