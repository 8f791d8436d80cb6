// Finds rows that describe the same asset. With the keys of the inventory it is all that grows with the rows: 5 bytes
// per row and about 40 per identifier.

/// What duplicates agree in.
public enum DuplicateReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// The serial number.
    case serialNumber = "serial_number"
    /// The MAC address.
    case macAddress = "mac_address"
    /// The identifier of the source.
    case assetID = "asset_id"
    /// Host name and IP address together.
    case hostnameAndIP = "hostname_ip"

    /// The id of the group of changes.
    public var groupID: String { rawValue + ".duplicate" }

    var title: String {
        switch self {
        case .serialNumber: "Merge rows with the same serial number"
        case .macAddress: "Merge rows with the same MAC address"
        case .assetID: "Merge rows with the same asset ID"
        case .hostnameAndIP: "Merge rows with the same host name and IP address"
        }
    }

    var confidence: Double {
        switch self {
        case .serialNumber: 0.95
        case .assetID: 0.93
        case .macAddress: 0.9
        case .hostnameAndIP: 0.85
        }
    }
}

/// Collects identifiers row by row and the pairs of rows that share one.
struct DuplicateIndex {
    private struct Entry {
        let row: Int32
        /// Hash of the serial number seen with the identifier; 0 for none.
        var serial: UInt64
    }

    struct Edge {
        let reason: DuplicateReason
        let first: Int
        let row: Int
        /// The shared identifier, kept for the first few only.
        let key: String?
    }

    private var entries: [DuplicateReason: [UInt64: Entry]] = [:]
    private var shown: [DuplicateReason: Int] = [:]
    private(set) var edges: [Edge] = []
    /// Filled attributes and last contact of each row, which decide what survives.
    private(set) var filled: [UInt8] = []
    private(set) var lastSeen: [Int32] = []

    /// Adds a record; rows must come in order, counted from 1, all rules applied, so that spellings do not hide equals.
    mutating func add(_ record: CleansedRecord) {
        let attributes = record.attributes
        filled.append(UInt8(min(attributes.count, 255)))
        let seen = attributes[.lastSeen].flatMap { DateFormat.parse($0, order: .dayFirst) }
        lastSeen.append(Int32(seen?.dayNumber ?? 0))
        let serial = attributes[.serialNumber].map { StableHash.hash($0.utf8) | 1 } ?? 0
        for reason in DuplicateReason.allCases {
            guard let key = Self.key(reason, attributes) else { continue }
            note(key, reason, row: record.row, serial: serial)
        }
    }

    static func key(_ reason: DuplicateReason, _ attributes: [CanonicalAttribute: String]) -> String? {
        switch reason {
        case .serialNumber:
            return attributes[.serialNumber].flatMap { $0.utf8.count >= 4 ? $0.uppercased() : nil }
        case .assetID:
            return attributes[.assetID]?.uppercased()
        case .macAddress:
            guard let mac = attributes[.macAddress], MACFormat.validate(Array(mac.utf8)).isValid else { return nil }
            return PlaceholderRule.isPlaceholderMAC(mac) ? nil : mac
        case .hostnameAndIP:
            guard let host = attributes[.hostname], let ip = attributes[.ipAddress] else { return nil }
            return PlaceholderRule.isPlaceholderIP(ip) ? nil : host + " " + ip
        }
    }

    private mutating func note(_ key: String, _ reason: DuplicateReason, row: Int, serial: UInt64) {
        let hash = StableHash.hash(key.utf8)
        guard var entry = entries[reason, default: [:]][hash] else {
            entries[reason, default: [:]][hash] = Entry(row: Int32(truncatingIfNeeded: row), serial: serial)
            return
        }
        // Different serial numbers are different machines, whatever address they shared (clusters, docking stations).
        if serial != 0, entry.serial != 0, serial != entry.serial { return }
        if entry.serial == 0, serial != 0 {
            entry.serial = serial
            entries[reason, default: [:]][hash] = entry
        }
        let isShown = shown[reason, default: 0] < DiscoveryLimits.samples
        if isShown { shown[reason, default: 0] += 1 }
        edges.append(Edge(reason: reason, first: Int(entry.row), row: row, key: isShown ? key : nil))
    }
}
