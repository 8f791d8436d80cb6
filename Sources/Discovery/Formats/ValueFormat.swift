// The format validator: is a text a valid IPv4 address, host name, date …, why not, and what is its normal form?

/// A format a value can be checked against.
public enum ValueFormat: String, Sendable, Hashable, Codable, CaseIterable {
    /// Dotted-decimal IPv4 address without leading zeros.
    case ipv4
    /// IPv6 address (RFC 4291 §2.2), also with zone (RFC 4007 §11) and embedded IPv4; normal form per RFC 5952.
    case ipv6
    /// Host name per RFC 952 and RFC 1123 §2.1, with or without dots.
    case hostname
    /// Fully qualified domain name: at least two labels, the last one not numeric.
    case fqdn
    /// MAC-48 address with colons, dashes, dots or nothing between; normal form `aa:bb:cc:dd:ee:ff`.
    case mac
    /// Mail address, the practical subset of RFC 5321 §4.1.2: dot-atom local part, domain name.
    case email
    /// Calendar date, with or without time of day; normal form ISO 8601.
    case date
    /// Version number: semantic (semver.org 2.0.0) or dotted decimals.
    case version
    /// UUID (RFC 9562 §4) with optional braces or `urn:uuid:`; normal form lower case.
    case uuid
    /// Whole number with optional sign.
    case integer
    /// Truth value, English or German.
    case boolean
    /// Absolute URL with authority (RFC 3986 §3).
    case url
}

/// What a check found.
public struct FormatResult: Sendable, Hashable, Codable {
    /// Whether the text is valid.
    public let isValid: Bool
    /// The normal form, when valid.
    public let normalised: String?
    /// Why the text is not valid, as a sentence part.
    public let reason: String?
    /// What to know about a valid text, such as an ambiguous date.
    public let note: String?

    enum CodingKeys: String, CodingKey {
        case isValid = "valid"
        case normalised
        case reason
        case note
    }

    static func valid(_ normalised: String, note: String? = nil) -> FormatResult {
        FormatResult(isValid: true, normalised: normalised, reason: nil, note: note)
    }

    static func invalid(_ reason: String) -> FormatResult {
        FormatResult(isValid: false, normalised: nil, reason: reason, note: nil)
    }
}

/// The tool "format validator".
public enum FormatValidator {
    /// Longest text any format accepts, in bytes.
    public static let maxBytes = 2048

    /// Checks `text` against `format`. White space around the text makes it invalid. O(length).
    public static func validate(_ text: String, as format: ValueFormat) -> FormatResult {
        let bytes = Array(text.utf8)
        if bytes.isEmpty { return .invalid("is empty") }
        if bytes.count > maxBytes { return .invalid("is longer than \(maxBytes) bytes") }
        switch format {
        case .ipv4: return IPv4Format.validate(bytes)
        case .ipv6: return IPv6Format.validate(bytes)
        case .hostname: return HostnameFormat.validateHostname(bytes)
        case .fqdn: return HostnameFormat.validateFQDN(bytes)
        case .mac: return MACFormat.validate(bytes)
        case .email: return EmailFormat.validate(bytes)
        case .date: return DateFormat.validate(text)
        case .version: return VersionFormat.validate(bytes)
        case .uuid: return UUIDFormat.validate(bytes)
        case .integer: return IntegerFormat.validate(bytes)
        case .boolean: return BooleanFormat.validate(text)
        case .url: return URLFormat.validate(bytes)
        }
    }
}

/// Every format a text is valid in; a text may be valid in several (`10` is an integer, `1` also a truth value).
public struct ValueFormatSet: OptionSet, Sendable, Hashable {
    /// One bit per format, in the order of ``ValueFormat/allCases``.
    public let rawValue: UInt16

    /// A set from its bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Contains IPv4 addresses.
    public static let ipv4 = Self(.ipv4)
    /// Contains IPv6 addresses.
    public static let ipv6 = Self(.ipv6)
    /// Contains host names.
    public static let hostname = Self(.hostname)
    /// Contains fully qualified domain names.
    public static let fqdn = Self(.fqdn)
    /// Contains MAC addresses.
    public static let mac = Self(.mac)
    /// Contains mail addresses.
    public static let email = Self(.email)
    /// Contains dates.
    public static let date = Self(.date)
    /// Contains version numbers.
    public static let version = Self(.version)
    /// Contains UUIDs.
    public static let uuid = Self(.uuid)
    /// Contains whole numbers.
    public static let integer = Self(.integer)
    /// Contains truth values.
    public static let boolean = Self(.boolean)
    /// Contains URLs.
    public static let url = Self(.url)

    /// The set of one format.
    public init(_ format: ValueFormat) {
        let index = ValueFormat.allCases.firstIndex(of: format) ?? 0
        self.init(rawValue: 1 << UInt16(index))
    }

    /// The formats in the set, in declaration order.
    public var formats: [ValueFormat] {
        ValueFormat.allCases.enumerated().filter { rawValue & (1 << UInt16($0.offset)) != 0 }.map(\.element)
    }

    /// The formats `text` is valid in. Only validators its bytes leave possible are asked. O(length).
    public init(of text: String) {
        let bytes = Array(text.utf8)
        self = []
        guard !bytes.isEmpty, bytes.count <= 320 else { return }
        let shape = ByteShape(bytes)
        func check(_ set: Self, _ result: FormatResult) {
            if result.isValid { formUnion(set) }
        }
        if shape.digits > 0 { check(.date, DateFormat.validate(text)) }
        if shape.isWord { check(.boolean, BooleanFormat.validate(text)) }
        guard !shape.hasOther else { return }
        if shape.dots == 3, shape.letters == 0 { check(.ipv4, IPv4Format.validate(bytes)) }
        if shape.colons >= 2 { check(.ipv6, IPv6Format.validate(bytes)) }
        if bytes.count >= 12, bytes.count <= 17 { check(.mac, MACFormat.validate(bytes)) }
        if shape.ats == 1 { check(.email, EmailFormat.validate(bytes)) }
        if shape.letters == 0, shape.dots == 0 { check(.integer, IntegerFormat.validate(bytes)) }
        if bytes.count >= 32 { check(.uuid, UUIDFormat.validate(bytes)) }
        if shape.slashes >= 2 { check(.url, URLFormat.validate(bytes)) }
        if shape.dots > 0, shape.digits > 0, !contains(.ipv4), !contains(.date) {
            check(.version, VersionFormat.validate(bytes))
        }
        if shape.isHostLike {
            check(.hostname, HostnameFormat.validateHostname(bytes))
            if shape.dots > 0 { check(.fqdn, HostnameFormat.validateFQDN(bytes)) }
        }
    }
}

/// Counts of byte classes: what most validators need to say no at once.
private struct ByteShape {
    var digits = 0
    var letters = 0
    var dots = 0
    var colons = 0
    var ats = 0
    var slashes = 0
    var dashes = 0
    /// Spaces and everything outside ASCII or rare in formats.
    var hasOther = false

    init(_ bytes: [UInt8]) {
        for byte in bytes {
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x41...0x5A, 0x61...0x7A: letters += 1
            case 0x2E: dots += 1
            case 0x3A: colons += 1
            case 0x40: ats += 1
            case 0x2F: slashes += 1
            case 0x2D: dashes += 1
            case 0x21...0x7E: break
            default: hasOther = true
            }
        }
    }

    var isWord: Bool { digits + letters > 0 && digits + letters <= 6 && dots + colons + ats + slashes + dashes == 0 }
    var isHostLike: Bool { letters > 0 && colons + ats + slashes == 0 }
}
