// Rules for single values: the normal form of an address, a size, a date, a number of cores. Nil means that the rule
// does not understand the value and leaves it alone.

/// IP addresses: `10.1.2.3/24`, `010.001.002.003`, `[2001:DB8::1]`, `10.1.2. 3`.
enum IPAddressRule {
    static func normal(_ text: String) -> String? {
        var bytes = text.utf8.filter { $0 != 0x20 && $0 != 0x09 }[...]
        if bytes.first == 0x5B, let close = bytes.firstIndex(of: 0x5D) { bytes = bytes[(bytes.startIndex + 1)..<close] }
        if let slash = bytes.firstIndex(of: 0x2F) {
            guard let length = bytes[(slash + 1)...].decimalValue, length <= 128 else { return nil }
            bytes = bytes[..<slash]
        }
        if let octets = IPv4Format.lenient(bytes) { return IPv4Format.text(octets) }
        return IPv6Format.validate(Array(bytes)).normalised
    }
}

/// MAC addresses in any notation, also with odd white space.
enum MACRule {
    static func normal(_ text: String) -> String? {
        let bytes = text.utf8.filter { $0 != 0x20 && $0 != 0x09 }
        if let normal = MACFormat.validate(bytes).normalised { return normal }
        return MACFormat.validate(bytes.map { $0 == 0x5F ? 0x3A : $0 }).normalised
    }
}

/// Units of memory and storage.
enum SizeUnit: Double {
    case byte = 9.313225746154785e-10
    case kilobyte = 9.5367431640625e-07
    case megabyte = 0.0009765625
    case gigabyte = 1
    case terabyte = 1024
    case petabyte = 1_048_576

    init?(word: String) {
        switch word {
        case "b", "byte", "bytes": self = .byte
        case "k", "kb", "kib", "kbyte": self = .kilobyte
        case "m", "mb", "mib", "mbyte", "megabyte", "mbytes": self = .megabyte
        case "g", "gb", "gib", "gbyte", "gigabyte", "gigs", "gbytes": self = .gigabyte
        case "t", "tb", "tib", "tbyte", "terabyte": self = .terabyte
        case "p", "pb", "pib": self = .petabyte
        default: return nil
        }
    }

    /// The unit a column's name states (`RAM (MB)`), else gigabytes.
    init(columnName: String) {
        let words = NameTokens.split(columnName)
        self = words.lazy.compactMap { $0.utf8.count > 1 ? SizeUnit(word: $0) : nil }.first ?? .gigabyte
    }
}

/// Sizes as gigabytes: `16 GB`, `16384 MB`, `1,5 TB`, `1.024 GB`.
enum SizeRule {
    static func normal(_ text: String, unit: SizeUnit) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.first?.isDigit == true, bytes.count <= 32 else { return nil }
        let numberEnd = bytes.firstIndex { !$0.isDigit && $0 != 0x2E && $0 != 0x2C && $0 != 0x27 } ?? bytes.count
        let word = bytes[numberEnd...].filter { $0 != 0x20 && $0 != 0x2E }.lowercasedText
        guard let stated = word.isEmpty ? unit : SizeUnit(word: word), let number = number(bytes[..<numberEnd]) else {
            return nil
        }
        let gigabytes = number * stated.rawValue
        guard gigabytes <= 1e9 else { return nil }
        let hundredths = Int((gigabytes * 100).rounded())
        if hundredths % 100 == 0 { return String(hundredths / 100) }
        let fraction = hundredths % 100
        let digits = fraction % 10 == 0 ? "\(fraction / 10)" : fraction < 10 ? "0\(fraction)" : "\(fraction)"
        return "\(hundredths / 100).\(digits)"
    }

    /// The last of `.` and `,` is the decimal sign, unless three digits follow it and it may group thousands.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Double? {
        let plain = bytes.filter { $0 != 0x27 }
        guard let last = plain.lastIndex(where: { $0 == 0x2E || $0 == 0x2C }) else {
            return plain.decimalValue.map(Double.init)
        }
        let marks = Set(plain.filter { !$0.isDigit })
        let repeats = plain.count { $0 == plain[last] } > 1
        let fraction = plain[(last + 1)...]
        let groups = marks.count == 1 && (repeats || fraction.count == 3 && plain[0] != 0x30)
        let whole = plain[..<last].filter(\.isDigit)
        if groups { return (whole + fraction).decimalValue.map(Double.init) }
        guard let integer = whole.decimalValue, let digits = fraction.decimalValue, fraction.count <= 6 else {
            return nil
        }
        var scale = 1.0
        for _ in fraction { scale *= 10 }
        return Double(integer) + Double(digits) / scale
    }
}

/// Numbers of cores: `8`, `8 Cores`, `8 vCPU`, `2x4`, `2 x 8 Kerne`, `8.0`.
enum CoreCountRule {
    private static let units: Set<String> = [
        "", "core", "cores", "kern", "kerne", "cpu", "cpus", "vcpu", "vcpus", "vcore", "vcores", "c", "processors",
        "prozessoren",
    ]

    static func normal(_ text: String) -> String? {
        let bytes = text.folded.utf8.filter { $0 != 0x20 && $0 != 0x09 }
        guard bytes.count <= 24 else { return nil }
        let first = bytes.prefix { $0.isDigit }
        guard var value = first.decimalValue, first.count <= 5 else { return nil }
        var rest = bytes.dropFirst(first.count)
        if rest.first == 0x78 || rest.first == 0x2A {
            let second = rest.dropFirst().prefix { $0.isDigit }
            guard let factor = second.decimalValue, second.count <= 4 else { return nil }
            value *= factor
            rest = rest.dropFirst(1 + second.count)
        }
        if rest.starts(with: [0x2E, 0x30]) { rest = rest.dropFirst().drop { $0 == 0x30 } }
        guard units.contains(rest.text), (1...100_000).contains(value) else { return nil }
        return String(value)
    }
}

/// Versions: `v8.4`, `Version 8.4`, `8.4.`.
enum OSVersionRule {
    static func normal(_ text: String) -> String? {
        var bytes = Array(text.utf8)[...]
        for prefix in ["version", "ver.", "ver", "release", "v"] where bytes.map(\.lowered).starts(with: prefix.utf8) {
            let rest = bytes.dropFirst(prefix.utf8.count).drop { $0 == 0x20 || $0 == 0x2E || $0 == 0x3A }
            if rest.first?.isDigit == true {
                bytes = rest
                break
            }
        }
        while bytes.last == 0x2E { bytes = bytes.dropLast() }
        return bytes.first?.isDigit == true ? bytes.text : nil
    }
}

/// Serial numbers and identifiers that hardware or people leave as a placeholder.
enum PlaceholderRule {
    private static let serials: Set<String> = [
        "tobefilledbyoem", "defaultstring", "systemserialnumber", "notspecified", "0123456789", "123456789",
        "1234567890",
        "chassisserialnumber", "noserial", "ohneseriennummer", "keineseriennummer", "oem", "invalid", "notapplicable",
    ]

    static func isPlaceholderSerial(_ text: String) -> Bool {
        let key = text.utf8.filter(\.isAlphanumeric).lowercasedText
        if serials.contains(key) { return true }
        // `00000000`, `------`: one character repeated identifies nothing.
        return key.utf8.count >= 4 && Set(key.utf8).count == 1
    }

    static func isPlaceholderMAC(_ text: String) -> Bool {
        text == "00:00:00:00:00:00" || text == "ff:ff:ff:ff:ff:ff"
    }

    static func isPlaceholderIP(_ text: String) -> Bool {
        text == "0.0.0.0" || text == "::" || text == "::1" || text.hasPrefix("127.") || text.hasPrefix("169.254.")
    }
}
