// Applies the cleansing rules to a row: to propose (all groups, every change reported) and to apply (accepted groups).

/// One change of one value.
struct CleansingChange {
    let topic: CleansingTopic
    let before: String
    let after: String
}

/// Turns rows into cleansed records.
public struct RecordCleanser {
    private struct Column {
        let name: String
        let attribute: CanonicalAttribute?
        let unit: SizeUnit
        let dateOrder: DateOrder?
        let isAccepted: [CleansingGroup.Kind: Bool]
    }

    private let columns: [Column]
    private let accepted: Set<String>?
    private var systems: [String: OperatingSystemName?] = [:]

    /// Operating-system names remembered; parsing one is the dearest rule.
    private static let rememberedSystems = 2048

    /// A cleanser for an export mapped by `mapping`.
    /// - Parameters:
    ///   - profiles: the export's profiles; they settle the order of day and month in each column.
    ///   - accepting: ids of the groups to apply, or nil for all.
    public init(mapping: AttributeMapping, profiles: [ColumnProfile], accepting: Set<String>? = nil) {
        let orders = Dictionary(profiles.map { ($0.name, $0.dateOrder) }) { first, _ in first }
        accepted = accepting
        columns = mapping.columns.map { column in
            let kinds = CleansingGroup.Kind.allCases.map { kind in
                let id = CleansingTopic(attribute: column.attribute, kind: kind).id
                return (kind, accepting?.contains(id) ?? true)
            }
            return Column(
                name: column.column,
                attribute: column.attribute,
                unit: SizeUnit(columnName: column.column),
                dateOrder: orders[column.column] ?? nil,
                isAccepted: Dictionary(kinds) { first, _ in first }
            )
        }
    }

    /// The record of `row`. O(length of the row).
    public mutating func cleanse(_ row: CSVRow) -> CleansedRecord {
        var changes: [CleansingChange] = []
        return cleanse(row, changes: &changes)
    }

    mutating func cleanse(_ row: CSVRow, changes: inout [CleansingChange]) -> CleansedRecord {
        var record = CleansedRecord(row: row.number, line: row.line)
        for index in 0..<min(columns.count, row.count) where !row.isEmpty(index) {
            let column = columns[index]
            let value = cleanse(row.text(index), column, &record, &changes)
            if value.isEmpty { continue }
            if let attribute = column.attribute {
                record.attributes[attribute] = value
            } else {
                record.extra[column.name] = value
            }
        }
        splitHostname(&record, &changes)
        unifyOperatingSystem(&record, &changes)
        if row.isRagged {
            record.issues.append(RecordIssue(nil, "has \(row.found) fields where the export has \(row.count) columns"))
        }
        return record
    }

    private func cleanse(
        _ raw: String,
        _ column: Column,
        _ record: inout CleansedRecord,
        _ changes: inout [CleansingChange]
    ) -> String {
        var value = raw
        func apply(_ kind: CleansingGroup.Kind, _ after: String?) {
            guard let after, after != value, column.isAccepted[kind] == true else { return }
            changes.append(
                CleansingChange(
                    topic: CleansingTopic(attribute: column.attribute, kind: kind),
                    before: value,
                    after: after
                )
            )
            value = after
        }
        let probe = raw.isWhitespaceCollapsed ? raw : raw.whitespaceCollapsed
        if probe.utf8.count != raw.utf8.count { apply(.trim, probe) }
        if probe.isEmpty { return "" }
        let isPlaceholder = column.attribute == .serialNumber && PlaceholderRule.isPlaceholderSerial(probe)
        if isPlaceholder || NullValues.isNull(probe) {
            apply(.null, "")
            return value
        }
        guard let attribute = column.attribute else { return value }
        switch attribute {
        case .hostname, .fqdn:
            apply(.case, value.lowercased())
            if attribute == .fqdn, value.utf8.count > 1, value.utf8.last == 0x2E {
                apply(.format, String(value.dropLast()))
            }
        case .ownerEmail:
            apply(.case, value.lowercased())
            apply(.format, Self.bareAddress(probe.lowercased()))
        case .ipAddress: apply(.format, IPAddressRule.normal(probe))
        case .macAddress: apply(.format, MACRule.normal(probe))
        case .cpuCores: apply(.format, CoreCountRule.normal(probe))
        case .memoryGB, .storageGB: apply(.format, SizeRule.normal(probe, unit: column.unit))
        case .osVersion: apply(.format, OSVersionRule.normal(probe))
        case .purchaseDate, .lastSeen:
            guard let date = DateFormat.parse(probe, order: column.dateOrder) else { break }
            if date.isAmbiguous {
                record.issues.append(RecordIssue(attribute, "could be two dates; it is left as it stands"))
            } else {
                apply(.format, date.text)
            }
        case .assetType: apply(.unify, Vocabulary.assetType.canonical(probe))
        case .environment: apply(.unify, Vocabulary.environment.canonical(probe))
        case .status: apply(.unify, Vocabulary.status.canonical(probe))
        case .criticality: apply(.unify, Vocabulary.criticality.canonical(probe))
        case .manufacturer: apply(.unify, Vocabulary.manufacturer.canonical(probe))
        case .serialNumber, .assetID: apply(.case, value.uppercased())
        case .operatingSystem, .location, .owner, .businessUnit, .application, .model, .costCenter, .description: break
        }
        return value
    }

    /// `mailto:x@y` and `Name <x@y>` without what is around the address.
    private static func bareAddress(_ text: String) -> String? {
        var body = Substring(text)
        if let open = body.lastIndex(of: "<"), let close = body.lastIndex(of: ">"), open < close {
            body = body[body.index(after: open)..<close]
        }
        if body.hasPrefix("mailto:") { body = body.dropFirst(7) }
        return EmailFormat.validate(Array(body.utf8)).normalised
    }

    /// A host name that carries its domain gives it to the FQDN, where that is empty.
    private func splitHostname(_ record: inout CleansedRecord, _ changes: inout [CleansingChange]) {
        let topic = CleansingTopic(attribute: .hostname, kind: .format)
        guard let name = record.attributes[.hostname], name.contains("."), accepted?.contains(topic.id) ?? true,
            let full = HostnameFormat.validateFQDN(Array(name.whitespaceCollapsed.utf8)).normalised,
            let short = full.split(separator: ".").first.map(String.init)
        else { return }
        changes.append(CleansingChange(topic: topic, before: name, after: short))
        record.attributes[.hostname] = short
        if record.attributes[.fqdn] == nil { record.attributes[.fqdn] = full }
    }

    /// The family stays, the version moves to `os_version` unless another one stands there.
    private mutating func unifyOperatingSystem(_ record: inout CleansedRecord, _ changes: inout [CleansingChange]) {
        let topic = CleansingTopic(attribute: .operatingSystem, kind: .unify)
        guard let name = record.attributes[.operatingSystem], accepted?.contains(topic.id) ?? true,
            let system = system(name)
        else { return }
        let known = record.attributes[.osVersion]
        var unified = system.family
        var shown = system.family
        if let version = system.version {
            if let known, !known.lowercased().hasPrefix(version.lowercased()) {
                // Both say something (release 2019, build 17763): nothing is lost.
                unified += " " + version
                shown = unified
            } else if known == nil {
                record.attributes[.osVersion] = version
                shown += ", version " + version
            }
        }
        guard unified != name else { return }
        record.attributes[.operatingSystem] = unified
        changes.append(CleansingChange(topic: topic, before: name, after: shown))
    }

    private mutating func system(_ name: String) -> OperatingSystemName? {
        if let remembered = systems[name] { return remembered }
        let parsed = OperatingSystemName.parse(name)
        if systems.count < Self.rememberedSystems, name.utf8.count <= 128 { systems.updateValue(parsed, forKey: name) }
        return parsed
    }
}
