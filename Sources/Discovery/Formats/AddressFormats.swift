// IPv4, IPv6 and MAC addresses.

/// Dotted-decimal IPv4 (RFC 6943 §3.1.1, the strict form).
enum IPv4Format {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return .invalid("has \(parts.count) parts, not 4") }
        for part in parts {
            guard let value = part.decimalValue else { return .invalid("holds a part that is not a number") }
            if value > 255 || part.count > 3 { return .invalid("holds a part above 255") }
            // inet_aton reads such a part as octal, so its meaning depends on the reader.
            if part.count > 1, part.first == 0x30 { return .invalid("holds a part with a leading zero") }
        }
        return .valid(bytes.text)
    }

    /// The address read leniently: leading zeros are decimal. Nil when it is none.
    static func lenient(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let values = parts.compactMap { $0.count <= 3 ? $0.decimalValue : nil }
        guard values.count == 4, values.allSatisfy({ $0 <= 255 }) else { return nil }
        return values.map { UInt8($0) }
    }

    static func text(_ octets: some Sequence<UInt8>) -> String {
        octets.map { String($0) }.joined(separator: ".")
    }
}

/// IPv6 text forms (RFC 4291 §2.2) and their normal form (RFC 5952).
enum IPv6Format {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        let halves = bytes.split(separator: 0x25, maxSplits: 1, omittingEmptySubsequences: false)
        let zone = halves.count > 1 ? halves[1] : []
        if halves.count > 1, zone.isEmpty || !zone.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x25 }) {
            return .invalid("has an empty or malformed zone")
        }
        guard let groups = parse(halves[0]) else { return .invalid("is no IPv6 address") }
        let text = self.text(groups)
        return .valid(zone.isEmpty ? text : text + "%" + zone.text)
    }

    static func parse(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        guard bytes.count >= 2, bytes.count <= 45 else { return nil }
        guard let gap = doubleColon(in: bytes) else {
            guard let groups = groups(bytes), groups.count == 8 else { return nil }
            return groups
        }
        let tail = bytes[(gap + 2)...]
        guard doubleColon(in: bytes[(gap + 1)...]) == nil,
            let left = groups(bytes[..<gap]), let right = groups(tail), left.count + right.count <= 7
        else { return nil }
        // An embedded IPv4 address may only stand at the very end.
        if bytes[..<gap].contains(0x2E) { return nil }
        return left + Array(repeating: 0, count: 8 - left.count - right.count) + right
    }

    private static func doubleColon(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.dropLast().first { bytes[$0] == 0x3A && bytes[$0 + 1] == 0x3A }
    }

    private static func groups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        if bytes.isEmpty { return [] }
        let parts = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(0x2E) {
                guard IPv4Format.validate(Array(part)).isValid, let octets = IPv4Format.lenient(part) else {
                    return nil
                }
                groups.append(UInt16(octets[0]) << 8 | UInt16(octets[1]))
                groups.append(UInt16(octets[2]) << 8 | UInt16(octets[3]))
                continue
            }
            guard !part.isEmpty, part.count <= 4 else { return nil }
            var value: UInt16 = 0
            for byte in part {
                guard let digit = byte.hexValue else { return nil }
                value = value << 4 | UInt16(digit)
            }
            groups.append(value)
        }
        return groups
    }

    static func text(_ groups: [UInt16]) -> String {
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF {
            // RFC 5952 §5: the IPv4 part of a mapped address stays dotted.
            let octets = groups[6...7].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            return "::ffff:" + IPv4Format.text(octets)
        }
        var best = 0..<0
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > max(best.count, 1) { best = index..<end }
            index = max(end, index + 1)
        }
        func hex(_ slice: ArraySlice<UInt16>) -> String {
            slice.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return hex(groups[...]) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}

/// MAC-48 in the notations of the vendors.
enum MACFormat {
    static func validate(_ bytes: [UInt8]) -> FormatResult {
        guard let separator = bytes.first(where: { $0.hexValue == nil }) else {
            guard bytes.count == 12 else { return .invalid("has \(bytes.count) hexadecimal digits, not 12") }
            return .valid(text(bytes), note: "written without separators")
        }
        let expected = separator == 0x2E ? (parts: 3, digits: 4) : (parts: 6, digits: 2)
        guard separator == 0x3A || separator == 0x2D || separator == 0x2E else {
            return .invalid("holds a character that is no hexadecimal digit")
        }
        let parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == expected.parts, parts.allSatisfy({ $0.count == expected.digits }) else {
            return .invalid("does not have \(expected.parts) groups of \(expected.digits) digits")
        }
        guard parts.joined().allSatisfy({ $0.hexValue != nil }) else {
            return .invalid("holds a character that is no hexadecimal digit")
        }
        return .valid(text(Array(parts.joined())))
    }

    private static func text(_ digits: [UInt8]) -> String {
        stride(from: 0, to: 12, by: 2).map { digits[$0..<($0 + 2)].lowercasedText }.joined(separator: ":")
    }
}
