// Personal data made of digits: payment cards, IBANs, social security numbers, telephone numbers.

/// A run of digit groups that stands on its own in a text.
struct NumberSpan {
    var range: Range<Int>
    /// The groups of digits, as ranges of the text.
    var groups: [Range<Int>] = []
    /// The digits of all groups.
    var digits: [UInt8] = []
    var separators: Set<UInt8> = []

    private static let separatorBytes: Set<UInt8> = [0x20, 0x2D, 0x2E, 0x2F, 0x28, 0x29]

    /// Runs of digits and separators (space `-` `.` `/` `(` `)` and a leading `+`) not glued to letters.
    static func spans(in bytes: [UInt8]) -> [NumberSpan] {
        var spans: [NumberSpan] = []
        var index = 0
        while index < bytes.count {
            let begins = bytes[index].isDigit || bytes[index] == 0x2B || bytes[index] == 0x28
            let isGlued = index > 0 && (bytes[index - 1].isAlphanumeric || bytes[index - 1] >= 0x80)
            guard begins, !isGlued else {
                index += 1
                continue
            }
            var span = NumberSpan(range: index..<index)
            var end = index + (bytes[index] == 0x2B ? 1 : 0)
            var last = end
            while end < bytes.count {
                if bytes[end].isDigit {
                    let start = end
                    while end < bytes.count, bytes[end].isDigit { end += 1 }
                    span.groups.append(start..<end)
                    span.digits += bytes[start..<end]
                    last = end
                } else if separatorBytes.contains(bytes[end]) {
                    end += 1
                } else {
                    break
                }
            }
            span.range = index..<max(last, index + 1)
            span.separators = Set(bytes[span.range].filter { separatorBytes.contains($0) })
            let isOpen = last < bytes.count && (bytes[last].isAlphanumeric || bytes[last] >= 0x80)
            if !span.groups.isEmpty, !isOpen { spans.append(span) }
            index = max(last, index + 1)
        }
        return spans
    }
}

enum PaymentCard {
    /// Windows of consecutive groups that form a card number.
    static func ranges(in span: NumberSpan) -> [Range<Int>] {
        guard span.digits.count >= 13, span.separators.isSubset(of: [0x20, 0x2D]) else { return [] }
        var ranges: [Range<Int>] = []
        var first = 0
        var offset = 0
        while first < span.groups.count {
            var length = 0
            var last = first
            var found: Int?
            while last < span.groups.count, length + span.groups[last].count <= 19 {
                length += span.groups[last].count
                if isCard(span.digits[offset..<(offset + length)]) { found = last }
                last += 1
            }
            let next = (found ?? first) + 1
            if let found { ranges.append(span.groups[first].lowerBound..<span.groups[found].upperBound) }
            offset += span.groups[first..<next].reduce(0) { $0 + $1.count }
            first = next
        }
        return ranges
    }

    /// Issuer prefix and length first: one in ten random numbers passes the check digit alone.
    static func isCard(_ digits: ArraySlice<UInt8>) -> Bool {
        guard let prefix = digits.prefix(4).decimalValue, digits.count >= 13, digits.count <= 19 else { return false }
        let isIssued =
            switch digits.count {
            case 13, 19: prefix / 1000 == 4
            case 14: prefix / 100 == 36 || prefix / 100 == 38 || (300...305).contains(prefix / 10)
            case 15: prefix / 100 == 34 || prefix / 100 == 37
            case 16:
                prefix / 1000 == 4 || (51...55).contains(prefix / 100) || (2221...2720).contains(prefix)
                    || prefix == 6011 || prefix / 100 == 65 || (3528...3589).contains(prefix)
            default: false
            }
        return isIssued && passesLuhn(digits)
    }

    /// ISO/IEC 7812-1 annex B.
    static func passesLuhn(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
        var sum = 0
        for (index, byte) in digits.reversed().enumerated() {
            let value = byte.digitValue * (index % 2 == 0 ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }
}

/// International bank account numbers (ISO 13616-1): country length and check digits mod 97.
enum IBANFormat {
    private static let lengths: [String: Int] = [
        "AD": 24, "AE": 23, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
        "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21,
        "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
        "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24,
        "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
    ]

    static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        while index + 15 <= bytes.count {
            let isGlued = index > 0 && bytes[index - 1].isAlphanumeric
            if !isGlued, bytes[index].isUpper, bytes[index + 1].isUpper, bytes[index + 2].isDigit,
                bytes[index + 3].isDigit,
                let length = lengths[bytes[index..<(index + 2)].text],
                let end = end(of: bytes, from: index, length: length)
            {
                ranges.append(index..<end)
                index = end
            } else {
                index += 1
            }
        }
        return ranges
    }

    private static func end(of bytes: [UInt8], from start: Int, length: Int) -> Int? {
        var characters: [UInt8] = []
        var index = start
        while index < bytes.count, characters.count < length {
            if bytes[index].isUpper || bytes[index].isDigit {
                characters.append(bytes[index])
            } else if bytes[index] != 0x20 {
                return nil
            }
            index += 1
        }
        guard characters.count == length, index == bytes.count || !bytes[index].isAlphanumeric else { return nil }
        var remainder = 0
        for byte in characters[4...] + characters[..<4] {
            let value = byte.isDigit ? byte.digitValue : Int(byte) - 0x41 + 10
            remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
        }
        return remainder == 1 ? index : nil
    }
}

enum SocialSecurityNumber {
    /// `AAA-GG-SSSS` outside the ranges never issued (SSA, POMS RM 10201.035).
    static func range(of span: NumberSpan, in bytes: [UInt8]) -> Range<Int>? {
        guard span.groups.map(\.count) == [3, 2, 4], span.separators == [0x2D], bytes[span.range.lowerBound].isDigit,
            let area = bytes[span.groups[0]].decimalValue, let group = bytes[span.groups[1]].decimalValue,
            let serial = bytes[span.groups[2]].decimalValue
        else { return nil }
        return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 ? span.range : nil
    }
}

enum PhoneNumber {
    /// International (`+49 30 123456`), national with trunk zero or brackets, or North American 3-3-4.
    static func isPhone(_ span: NumberSpan, in bytes: [UInt8], hinted: Bool) -> Bool {
        let first = bytes[span.range.lowerBound]
        let count = span.digits.count
        if hinted { return (6...15).contains(count) }
        if first == 0x2B { return (8...15).contains(count) }
        let plain: Set<UInt8> = [0x20, 0x2D, 0x2F, 0x28, 0x29]
        guard !span.separators.isEmpty, (7...15).contains(count) else { return false }
        let isNorthAmerican = span.groups.map(\.count) == [3, 3, 4] && span.digits[0] > 0x31
        if isNorthAmerican { return true }
        guard span.separators.isSubset(of: plain), span.groups.count <= 5 else { return false }
        if first == 0x28 { return true }
        // One zero leads into a national number, two into an international one; three are no prefix.
        let zeros = span.digits.prefix { $0 == 0x30 }.count
        return span.groups[0].count >= 3 && (zeros == 1 || zeros == 2 && count >= 10)
    }
}

enum PersonName {
    private static let notPeople: Set<String> = [
        "team", "support", "service", "services", "desk", "admin", "admins", "administrator", "operations", "group",
        "it",
        "abteilung", "gruppe", "department", "unknown", "unbekannt", "none", "management", "office", "server",
        "network",
        "security", "shared", "system", "datacenter", "helpdesk", "gmbh", "ag", "inc", "ltd", "platform", "cloud",
        "data",
    ]

    /// Two to four capitalised words without digits, also `Last, First`.
    static func isName(_ text: String, allowsSingleWord: Bool) -> Bool {
        let words = text.whitespaceCollapsed.split { $0 == " " || $0 == "," }
        guard words.count >= (allowsSingleWord ? 1 : 2), words.count <= 4 else { return false }
        return words.allSatisfy { word in
            guard let first = word.first, first.isLetter, word.count >= 2 || words.count > 2 else { return false }
            let isCased = first.isUppercase || word.allSatisfy { !$0.isLetter || $0.isLowercase }
            return isCased && word.allSatisfy { $0.isLetter || $0 == "-" || $0 == "'" || $0 == "." || $0 == "’" }
                && !notPeople.contains(word.lowercased())
        }
    }
}
