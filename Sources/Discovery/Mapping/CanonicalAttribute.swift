// The attributes every asset is described by, whatever its source calls them.

/// A canonical attribute of an asset.
public enum CanonicalAttribute: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// Host name without domain, lower case.
    case hostname
    /// Fully qualified domain name, lower case.
    case fqdn
    /// IPv4 or IPv6 address in normal form.
    case ipAddress = "ip_address"
    /// MAC address, `aa:bb:cc:dd:ee:ff`.
    case macAddress = "mac_address"
    /// What the asset is: `server`, `virtual machine`, `laptop`, ….
    case assetType = "asset_type"
    /// Operating system family, such as `Windows Server` or `Ubuntu`.
    case operatingSystem = "operating_system"
    /// Version of the operating system.
    case osVersion = "os_version"
    /// `production`, `staging`, `test`, ….
    case environment
    /// Site, room or rack.
    case location
    /// Person or team responsible.
    case owner
    /// Mail address of the owner.
    case ownerEmail = "owner_email"
    /// Organisational unit.
    case businessUnit = "business_unit"
    /// Application or service the asset serves.
    case application
    /// Maker of the hardware.
    case manufacturer
    /// Model of the hardware.
    case model
    /// Serial number of the hardware.
    case serialNumber = "serial_number"
    /// Number of processor cores.
    case cpuCores = "cpu_cores"
    /// Main memory in gigabytes (1 TB = 1024 GB).
    case memoryGB = "memory_gb"
    /// Storage in gigabytes.
    case storageGB = "storage_gb"
    /// Life-cycle status.
    case status
    /// Business criticality.
    case criticality
    /// Day of purchase, ISO 8601.
    case purchaseDate = "purchase_date"
    /// When the asset was last seen, ISO 8601.
    case lastSeen = "last_seen"
    /// Cost center.
    case costCenter = "cost_center"
    /// Identifier of the asset in its source.
    case assetID = "asset_id"
    /// Free text.
    case description

    /// The name for people, such as `IP address`.
    public var title: String {
        rawValue.split(separator: "_")
            .map { ["ip", "mac", "os", "id", "gb", "cpu", "fqdn"].contains($0) ? $0.uppercased() : String($0) }
            .joined(separator: " ")
    }
}
