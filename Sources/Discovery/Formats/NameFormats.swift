// Host names, domain names, mail addresses and URLs.

/// Host names (RFC 952, RFC 1123 §2.1) and fully qualified domain names.
enum HostnameFormat {
    static func validateHostname(_ bytes: [UInt8]) -> FormatResult {
        if let reason = labelProblem(bytes[...]) { return .invalid(reason) }
        // RFC 1123 §2.1: a name must be distinguishable from a number or an address.
        guard bytes.contains(where: \.isLetter) else { return .invalid("holds no letter, so it reads as a number") }
        return .valid(bytes.lowercasedText)
    }

    static func validateFQDN(_ bytes: [UInt8]) -> FormatResult {
        let name = bytes.last == 0x2E ? bytes.dropLast() : bytes[...]
        if let reason = labelProblem(name) { return .invalid(reason) }
        let labels = name.split(separator: 0x2E)
        guard labels.count >= 2, let last = labels.last else { return .invalid("has no domain") }
        guard last.count >= 2, last.allSatisfy(\.isLetter) || last.prefix(4).lowercasedText == "xn--" else {
            return .invalid("ends in a label that is no top-level domain")
        }
        return .valid(name.lowercasedText)
    }

    private static func labelProblem(_ name: ArraySlice<UInt8>) -> String? {
        if name.isEmpty { return "is empty" }
        if name.count > 253 { return "is longer than 253 bytes" }
        for label in name.split(separator: 0x2E, omittingEmptySubsequences: false) {
            if label.isEmpty { return "holds an empty label" }
            if label.count > 63 { return "holds a label longer than 63 bytes" }
            if label.first == 0x2D || label.last == 0x2D { return "holds a label that begins or ends with a hyphen" }
            if label.contains(0x5F) { return "holds an underscore" }
            if !label.allSatisfy({ $0.isAlphanumeric || $0 == 0x2D }) {
                return "holds a character other than letters, digits and hyphens"
            }
        }
        return nil
    }
}

/// Mail addresses: dot-atom local part (RFC 5322 §3.2.3) and a domain name.
enum EmailFormat {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        let parts = bytes.split(separator: 0x40, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .invalid("does not hold exactly one @") }
        let local = parts[0]
        if local.isEmpty { return .invalid("has nothing before the @") }
        if local.count > 64 { return .invalid("has more than 64 bytes before the @") }
        if local.first == 0x2E || local.last == 0x2E { return .invalid("has a dot at the edge of the local part") }
        var previous: UInt8 = 0
        for byte in local {
            guard isAtomByte(byte) || byte == 0x2E else {
                return .invalid("holds a character not allowed before the @")
            }
            if byte == 0x2E, previous == 0x2E { return .invalid("holds two dots in a row") }
            previous = byte
        }
        let domain = HostnameFormat.validateFQDN(Array(parts[1]))
        guard let name = domain.normalised, parts[1].last != 0x2E else {
            return .invalid("has a domain that \(domain.reason ?? "ends with a dot")")
        }
        return .valid(local.text + "@" + name)
    }

    static func isAtomByte(_ byte: UInt8) -> Bool {
        if byte.isAlphanumeric { return true }
        switch Character(Unicode.Scalar(byte)) {
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~": return true
        default: return false
        }
    }
}

/// Absolute URLs with an authority (RFC 3986 §3).
enum URLFormat {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        guard let colon = bytes.firstIndex(of: 0x3A), bytes[colon...].starts(with: [0x3A, 0x2F, 0x2F]) else {
            return .invalid("has no scheme followed by ://")
        }
        let scheme = bytes[..<colon]
        guard scheme.first?.isLetter == true,
            scheme.allSatisfy({ $0.isAlphanumeric || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E })
        else { return .invalid("has a malformed scheme") }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return .invalid("holds a space or a character that is not ASCII")
        }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? rest.endIndex
        let authority = rest[..<end]
        let hostStart = authority.lastIndex(of: 0x40).map { $0 + 1 } ?? authority.startIndex
        guard let split = splitPort(authority[hostStart...]), isHost(split.host) else {
            return .invalid("has no valid host and port")
        }
        let user = authority[..<hostStart].text
        return .valid(
            scheme.lowercasedText + "://" + user + split.host.lowercasedText + split.port.text + rest[end...].text
        )
    }

    /// Host and `:port`; nil when the port is out of range.
    private static func splitPort(_ bytes: ArraySlice<UInt8>) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>)? {
        let bracket = bytes.lastIndex(of: 0x5D) ?? bytes.startIndex
        guard let colon = bytes[bracket...].lastIndex(of: 0x3A) else { return (bytes, []) }
        let digits = bytes[(colon + 1)...]
        guard digits.isEmpty || digits.decimalValue.map({ $0 <= 65_535 }) == true else { return nil }
        return (bytes[..<colon], bytes[colon...])
    }

    private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
        if host.first == 0x5B, host.last == 0x5D { return IPv6Format.parse(host.dropFirst().dropLast()) != nil }
        let bytes = Array(host)
        return HostnameFormat.validateHostname(bytes).isValid || IPv4Format.validate(bytes).isValid
    }
}
