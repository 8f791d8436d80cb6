// Versions, UUIDs, whole numbers and truth values.

/// Version numbers: semver 2.0.0 or two to five dotted decimals, with an optional `v` before.
enum VersionFormat {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        let body = bytes.first.map { $0.lowered == 0x76 } == true ? bytes.dropFirst() : bytes[...]
        let coreEnd = body.firstIndex { !$0.isDigit && $0 != 0x2E } ?? body.endIndex
        let parts = body[..<coreEnd].split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.count <= 5 else { return .invalid("does not have 2 to 5 dotted parts") }
        guard parts.allSatisfy({ !$0.isEmpty && $0.count <= 9 }) else {
            return .invalid("holds an empty part or one of more than 9 digits")
        }
        let suffix = body[coreEnd...]
        guard let first = suffix.first else { return .valid(body.text) }
        guard suffix.count > 1, suffix.count <= 64, first == 0x2D || first == 0x2B,
            suffix.allSatisfy({ $0.isAlphanumeric || $0 == 0x2D || $0 == 0x2B || $0 == 0x2E })
        else { return .invalid("has a malformed suffix") }
        return .valid(body.text)
    }
}

/// UUIDs in the textual form of RFC 9562 §4.
enum UUIDFormat {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        var body = bytes[...]
        if body.prefix(9).lowercasedText == "urn:uuid:" { body = body.dropFirst(9) }
        if body.first == 0x7B, body.last == 0x7D { body = body.dropFirst().dropLast() }
        let parts = body.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.map(\.count) == [8, 4, 4, 4, 12] else {
            return .invalid("does not have groups of 8-4-4-4-12 digits")
        }
        guard parts.joined().allSatisfy({ $0.hexValue != nil }) else {
            return .invalid("holds a character that is no hexadecimal digit")
        }
        return .valid(body.lowercasedText)
    }
}

/// Whole numbers of up to 18 digits.
enum IntegerFormat {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        let isSigned = bytes.first == 0x2D || bytes.first == 0x2B
        let digits = isSigned ? bytes.dropFirst() : bytes[...]
        guard let value = digits.decimalValue else { return .invalid("is not 1 to 18 digits with an optional sign") }
        let note = digits.count > 1 && digits.first == 0x30 ? "has leading zeros, so it may be an identifier" : nil
        return .valid(String(bytes.first == 0x2D ? -value : value), note: note)
    }
}

/// Truth values as English and German systems write them.
enum BooleanFormat {
    private static let yes: Set<String> = ["true", "yes", "y", "t", "on", "1", "ja", "j", "wahr"]
    private static let no: Set<String> = ["false", "no", "n", "f", "off", "0", "nein", "falsch"]

    static func validate(_ text: String) -> FormatResult {
        let word = text.lowercased()
        if yes.contains(word) { return .valid("true") }
        if no.contains(word) { return .valid("false") }
        return .invalid("is no known truth value")
    }
}
