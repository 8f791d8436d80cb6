// The tool "PII scanner": finds personal data in a text and masks it. Rules lean towards masking too much in samples
// but require proof (check digits, known shapes) before something is counted as a finding.

/// Finds and masks personal data in single values.
public struct PIIScanner: Sendable {
    /// A scanner; it holds no state.
    public init() {}

    /// The personal data in `text`, in order and without overlap. O(length) apart from digit groups.
    public func scan(_ text: String, hint: PIIColumnHint = .none) -> [PIIMatch] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2 else { return [] }
        var digits = 0
        var hasAt = false
        for byte in bytes {
            if byte.isDigit { digits += 1 }
            if byte == 0x40 { hasAt = true }
        }
        var matches: [PIIMatch] = []
        func add(_ kind: PIIKind, _ ranges: [Range<Int>]) {
            for range in ranges where !matches.contains(where: { $0.range.overlaps(range) }) {
                matches.append(PIIMatch(kind: kind, range: range))
            }
        }
        if hasAt { add(.email, emails(bytes)) }
        if digits >= 6 {
            if digits >= 10 { add(.iban, IBANFormat.ranges(in: bytes)) }
            let groups = NumberSpan.spans(in: bytes)
            for span in groups {
                if digits >= 13 { add(.paymentCard, PaymentCard.ranges(in: span)) }
                if let range = SocialSecurityNumber.range(of: span, in: bytes) { add(.usSSN, [range]) }
            }
            if !groups.isEmpty, !Self.isTechnical(text) {
                add(
                    .phone,
                    groups.filter { PhoneNumber.isPhone($0, in: bytes, hinted: hint.expectsPhones) }.map(\.range)
                )
            }
        }
        if hint.expectsNames, digits == 0, !hasAt, PersonName.isName(text, allowsSingleWord: hint.expectsNameParts) {
            add(.personName, [0..<bytes.count])
        }
        return matches.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// `text` with everything ``scan(_:hint:)`` finds masked, and cut to ``DiscoveryLimits/sampleCharacters``.
    public func masked(_ text: String, hint: PIIColumnHint = .none) -> String {
        let matches = scan(text, hint: hint)
        guard !matches.isEmpty else { return text.cut(to: DiscoveryLimits.sampleCharacters) }
        let bytes = Array(text.utf8)
        var result = ""
        var position = 0
        for match in matches {
            result += bytes[position..<match.range.lowerBound].text
            result += PIIMask.mask(bytes[match.range].text, kind: match.kind)
            position = match.range.upperBound
        }
        result += bytes[position...].text
        return result.cut(to: DiscoveryLimits.sampleCharacters)
    }

    /// Addresses, dates and versions are full of digits and are no telephone numbers.
    private static func isTechnical(_ text: String) -> Bool {
        let technical: ValueFormatSet = [.ipv4, .ipv6, .mac, .date, .version, .uuid]
        return !ValueFormatSet(of: text.whitespaceCollapsed).isDisjoint(with: technical)
    }

    private func emails(_ bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for at in bytes.indices where bytes[at] == 0x40 {
            var start = at
            while start > 0, bytes[start - 1] == 0x2E || EmailFormat.isAtomByte(bytes[start - 1]) { start -= 1 }
            while start < at, !bytes[start].isAlphanumeric { start += 1 }
            var end = at + 1
            while end < bytes.count, bytes[end].isAlphanumeric || bytes[end] == 0x2D || bytes[end] == 0x2E { end += 1 }
            while end > at + 1, !bytes[end - 1].isAlphanumeric { end -= 1 }
            if EmailFormat.validate(Array(bytes[start..<end])).isValid { ranges.append(start..<end) }
        }
        return ranges
    }
}

/// How each kind is shown: enough to recognise one's own data, too little to learn another's.
enum PIIMask {
    static func mask(_ text: String, kind: PIIKind) -> String {
        switch kind {
        case .email:
            let parts = text.split(separator: "@", maxSplits: 1)
            let domain = parts.last.map(String.init) ?? ""
            let suffix = domain.split(separator: ".").last.map(String.init) ?? ""
            return "\(text.prefix(1))***@\(domain.prefix(1))***.\(suffix)"
        case .phone: return masksDigits(text, keeping: 2)
        case .paymentCard, .iban: return masksDigits(text, keeping: 4)
        case .usSSN: return "***-**-" + text.suffix(4)
        case .personName:
            return text.split(separator: " ", omittingEmptySubsequences: false)
                .map { word in
                    guard let first = word.first else { return "" }
                    return word.hasSuffix(",") ? "\(first)***," : "\(first)***"
                }
                .joined(separator: " ")
        }
    }

    private static func masksDigits(_ text: String, keeping kept: Int) -> String {
        let total = text.utf8.count { $0.isAlphanumeric }
        var seen = 0
        return String(
            text.map { character in
                guard character.isLetter || character.isNumber else { return character }
                seen += 1
                return seen > total - kept ? character : "*"
            }
        )
    }
}
