// What the values of a column say about its attribute, whatever its name.

/// Scores a column's profile against an attribute.
enum ContentEvidence {
    /// Support 0…1 for `attribute`, or nil when the values of that attribute have no recognisable look.
    static func score(_ profile: ColumnProfile, for attribute: CanonicalAttribute) -> Double? {
        let top = profile.topValues.filter { NullValues.isNull($0.value) == false }
        func share(_ format: ValueFormat) -> Double { formatShare(profile, format) }
        func share(_ test: (String) -> Bool) -> Double {
            let total = top.reduce(0) { $0 + $1.count }
            return total == 0 ? 0 : Double(top.reduce(0) { $0 + (test($1.value) ? $1.count : 0) }) / Double(total)
        }
        let identity = profile.distinctRatio
        return switch attribute {
        case .ipAddress: max(share(.ipv4) + share(.ipv6), share { IPAddressRule.normal($0) != nil })
        case .macAddress: max(share(.mac), share { MACRule.normal($0) != nil })
        case .ownerEmail: share(.email)
        case .fqdn: share(.fqdn) * (share(.email) > 0.2 || share(.version) > 0.5 ? 0.3 : 1)
        case .hostname: share(isHostLike) * min(1, identity * 1.5)
        case .operatingSystem: share { OperatingSystemName.parse($0) != nil }
        case .osVersion: max(share(.version), share(isVersionLike)) * (identity < 0.5 ? 1 : 0.6)
        case .environment: share { Vocabulary.environment.canonical($0) != nil }
        case .assetType: share { Vocabulary.assetType.canonical($0) != nil }
        case .status: share { Vocabulary.status.canonical($0) != nil }
        case .criticality: share { Vocabulary.criticality.canonical($0) != nil }
        case .manufacturer: share { Vocabulary.manufacturer.canonical($0) != nil }
        case .purchaseDate, .lastSeen: share(.date)
        case .cpuCores: share { CoreCountRule.normal($0) != nil }
        case .memoryGB, .storageGB: share { SizeRule.normal($0, unit: .gigabyte) != nil }
        case .serialNumber: share(isSerialLike) * identity
        case .assetID: share(isIdentifier) * identity
        case .owner: share(isPersonLike)
        case .location, .businessUnit, .application, .model, .costCenter, .description: nil
        }
    }

    /// The most a column may claim on its content alone. Attributes whose look is shared with others claim little.
    static func ceiling(_ attribute: CanonicalAttribute) -> Double {
        switch attribute {
        case .ipAddress, .macAddress: 0.9
        case .ownerEmail, .operatingSystem, .environment: 0.8
        case .fqdn, .status, .criticality, .assetType, .manufacturer: 0.72
        case .hostname: 0.6
        case .owner: 0.55
        default: 0
        }
    }

    /// Whether values that do not fit speak against a matching name.
    static func isStrict(_ attribute: CanonicalAttribute) -> Bool {
        switch attribute {
        case .ipAddress, .macAddress, .ownerEmail, .fqdn, .purchaseDate, .lastSeen, .cpuCores, .memoryGB, .storageGB,
            .operatingSystem, .environment:
            true
        default: false
        }
    }

    /// The share of a format among real values; `n/a` and the like do not speak against it.
    private static func formatShare(_ profile: ColumnProfile, _ format: ValueFormat) -> Double {
        let nulls = profile.topValues.filter { NullValues.isNull($0.value) }.reduce(0) { $0 + $1.count }
        let filled = profile.count - profile.empty - nulls
        let found = profile.formats.first { $0.format == format }?.count ?? 0
        return filled > 0 ? min(1, Double(found) / Double(filled)) : 0
    }

    private static func isHostLike(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        return bytes.contains(where: \.isDigit) && bytes.contains(where: \.isLetter)
            && HostnameFormat.validateHostname(bytes).isValid && !MACFormat.validate(bytes).isValid
            && !DateFormat.validate(value).isValid
    }

    private static func isVersionLike(_ value: String) -> Bool {
        guard let first = value.utf8.first, first.isDigit else { return false }
        return value.utf8.count <= 16 && value.utf8.contains(0x2E) && !DateFormat.validate(value).isValid
            && !IPv4Format.validate(Array(value.utf8)).isValid
    }

    private static func isSerialLike(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        return (6...24).contains(bytes.count) && bytes.contains(where: \.isDigit)
            && bytes.allSatisfy { $0.isUpper || $0.isDigit || $0 == 0x2D }
    }

    private static func isIdentifier(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        return (3...40).contains(bytes.count) && bytes.contains(where: \.isDigit) && !bytes.contains(0x20)
    }

    private static func isPersonLike(_ value: String) -> Bool {
        let words = value.split(separator: " ")
        // Names arrive masked from columns whose name hinted at people.
        if words.count >= 2, words.allSatisfy({ $0.hasSuffix("***") || $0.hasSuffix("***,") }) { return true }
        guard words.count == 2, OperatingSystemName.parse(value) == nil else { return false }
        return value.contains(", ") && PersonName.isName(value, allowsSingleWord: false)
    }
}
