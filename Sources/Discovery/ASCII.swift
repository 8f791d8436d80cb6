// Byte classes and text folding shared by the validators, the name matching and the cleansing rules.
// Locale-free on purpose: the same export must give the same result on every machine.

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isUpper: Bool { self >= 0x41 && self <= 0x5A }
    var isLower: Bool { self >= 0x61 && self <= 0x7A }
    var isLetter: Bool { isUpper || isLower }
    var isAlphanumeric: Bool { isLetter || isDigit }
    var lowered: UInt8 { isUpper ? self | 0x20 : self }
    var digitValue: Int { Int(self) - 0x30 }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension Collection where Element == UInt8 {
    var text: String { String(decoding: self, as: UTF8.self) }
    var lowercasedText: String { String(decoding: map(\.lowered), as: UTF8.self) }

    /// The decimal value, or nil unless the collection is 1 to 18 ASCII digits.
    var decimalValue: Int? {
        guard !isEmpty, count <= 18 else { return nil }
        var value = 0
        for byte in self {
            guard byte.isDigit else { return nil }
            value = value * 10 + byte.digitValue
        }
        return value
    }
}

extension String {
    /// Outer white space removed and inner runs made one space; no-break spaces count, as spreadsheets export them.
    var whitespaceCollapsed: String {
        var result = ""
        result.reserveCapacity(utf8.count)
        var pending = false
        for scalar in unicodeScalars {
            if scalar.isSpace {
                pending = !result.isEmpty
            } else {
                if pending { result.append(" ") }
                pending = false
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether ``whitespaceCollapsed`` would change nothing. Allocation-free: it is asked for every cell.
    var isWhitespaceCollapsed: Bool {
        var previousWasSpace = true
        for byte in utf8 {
            if byte == 0x20 {
                if previousWasSpace { return false }
                previousWasSpace = true
            } else if byte < 0x0E && byte > 0x08 {
                return false
            } else if byte == 0xC2 || byte >= 0xE1 && byte <= 0xE3 || byte == 0xEF {
                // The lead bytes under which Unicode keeps its other spaces.
                return self == whitespaceCollapsed
            } else {
                previousWasSpace = false
            }
        }
        return isEmpty || !previousWasSpace
    }

    /// Lower-cased with German umlauts and common accents written out, for matching only.
    var folded: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.lowercasedText }
        var result = ""
        result.reserveCapacity(utf8.count)
        for scalar in lowercased().unicodeScalars {
            switch scalar {
            case "ä": result += "ae"
            case "ö": result += "oe"
            case "ü": result += "ue"
            case "ß": result += "ss"
            case "é", "è", "ê", "ë": result += "e"
            case "á", "à", "â", "å": result += "a"
            case "í", "ì", "î", "ï": result += "i"
            case "ó", "ò", "ô": result += "o"
            case "ú", "ù", "û": result += "u"
            case "ç": result += "c"
            case "ñ": result += "n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// At most `limit` characters, ending in `…` when something was cut.
    func cut(to limit: Int) -> String {
        if utf8.count <= limit { return self }
        let head = prefix(limit)
        return head.endIndex == endIndex ? self : head.dropLast() + "…"
    }
}

extension Unicode.Scalar {
    var isSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200B, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
            true
        default: false
        }
    }
}
