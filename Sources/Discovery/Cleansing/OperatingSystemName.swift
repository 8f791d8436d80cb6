// `Win2k19`, `Windows Server 2019 Std`, `RHEL 8`, `Red Hat Enterprise Linux 8.4 (Ootpa)`: one family, one version.

/// An operating system as family and version.
struct OperatingSystemName: Hashable {
    let family: String
    let version: String?

    private enum VersionStyle {
        /// The first number after the name.
        case dotted
        /// A number and a service pack (`15 SP3`).
        case servicePack
        /// A number and an update (`7.0 U3`).
        case update
        /// Letters and digits as they stand (`11i`, `15.2(4)M`).
        case word
    }

    private struct Rule {
        let family: String
        /// Names in folded letters and digits; the first that occurs wins.
        let names: [String]
        var style = VersionStyle.dotted
        var requiresVersion = false
    }

    private static let rules: [Rule] = [
        Rule(
            family: "Red Hat Enterprise Linux",
            names: ["red hat enterprise linux", "redhat enterprise linux", "rhel", "red hat", "redhat"]
        ),
        Rule(family: "CentOS", names: ["centos stream", "centos linux", "centos"]),
        Rule(family: "Rocky Linux", names: ["rocky linux", "rocky"]),
        Rule(family: "AlmaLinux", names: ["almalinux", "alma linux", "alma"]),
        Rule(family: "Oracle Linux", names: ["oracle linux server", "oracle linux", "oracle enterprise linux", "oel"]),
        Rule(family: "Oracle Linux", names: ["ol"], requiresVersion: true),
        Rule(family: "Ubuntu", names: ["ubuntu server", "ubuntu linux", "ubuntu"]),
        Rule(family: "Debian", names: ["debian gnu/linux", "debian linux", "debian"]),
        Rule(
            family: "SUSE Linux Enterprise Server",
            names: ["suse linux enterprise server", "suse linux enterprise", "sles", "suse"],
            style: .servicePack
        ),
        Rule(family: "openSUSE", names: ["opensuse leap", "opensuse tumbleweed", "opensuse"]),
        Rule(family: "Fedora", names: ["fedora linux", "fedora"]),
        Rule(family: "Amazon Linux", names: ["amazon linux ami", "amazon linux", "amzn linux"]),
        Rule(family: "Photon OS", names: ["vmware photon os", "photon os"]),
        Rule(family: "VMware ESXi", names: ["vmware esxi", "vmware esx", "esxi", "esx"], style: .update),
        Rule(family: "macOS", names: ["macos x", "macos", "mac os x", "mac os", "os x"]),
        Rule(family: "AIX", names: ["ibm aix", "aix"]),
        Rule(family: "Solaris", names: ["oracle solaris", "sun solaris", "solaris", "sunos"]),
        Rule(family: "HP-UX", names: ["hp-ux", "hpux"], style: .word),
        Rule(family: "FreeBSD", names: ["freebsd"]),
        Rule(family: "OpenBSD", names: ["openbsd"]),
        Rule(family: "Cisco IOS XE", names: ["cisco ios-xe", "cisco ios xe", "ios-xe", "ios xe"], style: .word),
        Rule(family: "Cisco NX-OS", names: ["cisco nx-os", "nx-os", "nxos"], style: .word),
        Rule(family: "Cisco IOS", names: ["cisco ios"], style: .word),
        Rule(family: "Junos", names: ["juniper junos", "junos os", "junos"], style: .word),
        Rule(family: "FortiOS", names: ["fortios"]),
        Rule(family: "PAN-OS", names: ["pan-os", "panos"]),
        Rule(family: "ONTAP", names: ["netapp ontap", "data ontap", "ontap"], style: .word),
        Rule(family: "Android", names: ["android"]),
        Rule(family: "iPadOS", names: ["ipados"]),
        Rule(family: "z/OS", names: ["z/os"]),
        Rule(family: "Linux", names: ["gnu/linux", "linux"]),
    ]

    /// Reads an operating system's name; nil when none is recognised. O(length · rules).
    static func parse(_ text: String) -> OperatingSystemName? {
        guard text.utf8.count <= 120 else { return nil }
        let folded = clean(text)
        guard folded.utf8.contains(where: \.isLetter) else { return nil }
        let bytes = Array(folded.utf8)
        if let windows = WindowsName.parse(folded) { return windows }
        for rule in rules {
            for name in rule.names {
                guard let end = find(name, in: bytes) else { continue }
                let version = version(bytes[end...], style: rule.style) ?? codename(bytes[end...].text)
                if rule.requiresVersion, version == nil { continue }
                return OperatingSystemName(family: rule.family, version: version)
            }
        }
        return nil
    }

    /// Lower case, without trademark signs, white space collapsed.
    private static func clean(_ text: String) -> String {
        var result = text.folded
        for mark in ["(r)", "(tm)", "®", "™"] where result.contains(mark) {
            result = String(result.split(separator: mark, omittingEmptySubsequences: false).joined(separator: " "))
        }
        return String(decoding: result.utf8.map { $0 == 0x5F ? 0x20 : $0 }, as: UTF8.self).whitespaceCollapsed
    }

    /// Where `name` ends in `bytes`, when it stands there as words of its own (a version may follow at once).
    static func find(_ name: String, in bytes: [UInt8]) -> Int? {
        let needle = Array(name.utf8)
        guard bytes.count >= needle.count else { return nil }
        for start in 0...(bytes.count - needle.count) {
            guard start == 0 || !bytes[start - 1].isAlphanumeric else { continue }
            let end = start + needle.count
            guard bytes[start..<end].elementsEqual(needle) else { continue }
            if end == bytes.count || !bytes[end].isLetter { return end }
        }
        return nil
    }

    private static func version(_ rest: ArraySlice<UInt8>, style: VersionStyle) -> String? {
        guard let start = rest.firstIndex(where: \.isDigit) else { return nil }
        // A number far behind the name belongs to something else (`Linux on x86 host 17`).
        guard rest.distance(from: rest.startIndex, to: start) <= 24 else { return nil }
        let isWordByte: (UInt8) -> Bool = { $0 != 0x20 && $0 != 0x2C && $0 != 0x3B }
        let isDotted: (UInt8) -> Bool = { $0.isDigit || $0 == 0x2E }
        let end = rest[start...].firstIndex { style == .word ? !isWordByte($0) : !isDotted($0) } ?? rest.endIndex
        let number = rest[start..<end]
        if number == Array("64".utf8)[...] || number == Array("32".utf8)[...] || number == Array("86".utf8)[...] {
            return nil
        }
        var version = number.text
        if version.hasSuffix(".") { version.removeLast() }
        guard style == .servicePack || style == .update else { return style == .word ? version.uppercased() : version }
        let marker: [UInt8] = style == .servicePack ? Array("sp".utf8) : Array("u".utf8)
        let tail = Array(rest[end...].filter { $0 != 0x20 && $0 != 0x2D })
        guard let first = tail.first, first == marker[0] else { return version }
        let digits = tail.drop { !$0.isDigit }.prefix { $0.isDigit }
        guard !digits.isEmpty else { return version }
        return "\(version) \(style == .servicePack ? "SP" : "U")\(digits.text)"
    }

    private static func codename(_ rest: String) -> String? {
        let names = [
            "bookworm": "12", "bullseye": "11", "buster": "10", "stretch": "9", "jessie": "8", "noble": "24.04",
            "jammy": "22.04",
            "focal": "20.04", "bionic": "18.04", "xenial": "16.04", "trusty": "14.04",
        ]
        return names.first { rest.contains($0.key) }?.value
    }
}

/// Windows clients and servers, whose names have their own grammar (`w2k12r2`, `Win10 Pro 22H2`).
enum WindowsName {
    private static let servers = ["2025", "2022", "2019", "2016", "2012", "2008", "2003", "2000"]
    private static let shortServers = ["2k25", "2k22", "2k19", "2k16", "2k12", "2k8", "2k08", "2k3", "2k03", "2k"]

    static func parse(_ folded: String) -> OperatingSystemName? {
        let bytes = Array(folded.utf8)
        let compact = bytes.filter { $0.isAlphanumeric }.text
        let isNamed =
            OperatingSystemName.find("windows", in: bytes) != nil || OperatingSystemName.find("win", in: bytes) != nil
            || OperatingSystemName.find("ws", in: bytes) != nil
            || OperatingSystemName.find("microsoft windows", in: bytes) != nil
        let isShort = compact.hasPrefix("w2k") || compact.hasPrefix("win2k") || compact.hasPrefix("w20")
        guard isNamed || isShort else { return nil }
        let isServer = compact.contains("server")
        // The client first: `Windows 10 Enterprise LTSC 2019` names a year and is no server.
        if !isServer, let client = client(bytes) { return OperatingSystemName(family: "Windows", version: client) }
        if let version = server(compact) { return OperatingSystemName(family: "Windows Server", version: version) }
        guard OperatingSystemName.find("windows", in: bytes) != nil || OperatingSystemName.find("win", in: bytes) != nil
        else { return nil }
        return OperatingSystemName(family: isServer ? "Windows Server" : "Windows", version: nil)
    }

    private static func server(_ compact: String) -> String? {
        let release = compact.contains("r2") ? " R2" : ""
        if let year = servers.first(where: { compact.contains($0) }) {
            return year + (year == "2012" || year == "2008" || year == "2003" ? release : "")
        }
        guard let short = shortServers.first(where: { compact.contains("w" + $0) || compact.contains("win" + $0) })
        else {
            return nil
        }
        let digits = short.dropFirst(2)
        let year = digits.isEmpty ? "2000" : "20" + (digits.count == 1 ? "0" + digits : digits)
        return year + (year == "2012" || year == "2008" || year == "2003" ? release : "")
    }

    private static func client(_ bytes: [UInt8]) -> String? {
        for name in ["xp", "vista"] where OperatingSystemName.find(name, in: bytes) != nil {
            return name == "xp" ? "XP" : "Vista"
        }
        for name in ["windows", "win"] {
            guard let end = OperatingSystemName.find(name, in: bytes) else { continue }
            let rest = bytes[end...].drop { $0 == 0x20 || $0 == 0x2D }
            let number = rest.prefix { $0.isDigit || $0 == 0x2E }.text
            guard ["11", "10", "8.1", "8", "7"].contains(where: { number == $0 || number.hasPrefix($0 + ".") }) else {
                continue
            }
            let feature = rest.split { !$0.isAlphanumeric }.first {
                $0.count == 4 && $0.dropFirst(2).first == 0x68 && $0.prefix(2).allSatisfy(\.isDigit)
            }
            let major = number.hasPrefix("8.1") ? "8.1" : String(number.prefix { $0 != "." })
            return feature.map { "\(major) \($0.text.uppercased())" } ?? major
        }
        return nil
    }
}
