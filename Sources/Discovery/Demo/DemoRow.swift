// One asset of the demo export, first tidy, then spelled as carelessly as real exports are.

/// The truth about a generated asset and its untidy spellings.
struct DemoRow {
    static let header = [
        "Inventar-Nr.", "CI Name", "FQDN", "IP-Adresse", "MAC", "Gerätetyp", "Betriebssystem", "OS Version", "Umgebung",
        "Standort", "Verantwortlicher", "E-Mail", "Telefon", "Abteilung", "Anwendung", "Hersteller", "Modell",
        "Seriennummer",
        "CPU Kerne", "RAM", "Festplatte (GB)", "Status", "Kritikalität", "Kaufdatum", "zuletzt gesehen", "Kostenstelle",
        "Bemerkung", "Ticket",
    ]

    private let number: Int
    private let serial: String
    private let mac: [Int]
    private let address: [Int]
    private let host: String
    private let kind: Int
    private let system: Int
    private let stage: Int
    private let person: Int
    private let cores: Int
    private let memory: Int
    private let disk: Int
    private let hardware: Int
    private let bought: (Int, Int, Int)
    private var seen: (Int, Int, Int)
    private var isSecondSource = false

    init(number: Int, _ generator: inout SplitMix64) {
        self.number = number
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
        serial = String((0..<7).map { _ in letters[generator.below(letters.count)] }) + String(1000 + number)
        mac = [0x00, 0x50, 0x56] + (0..<3).map { _ in generator.below(256) }
        address = [10, 20 + generator.below(12), generator.below(256), 1 + generator.below(254)]
        kind = generator.below(DemoWords.kinds.count)
        system = generator.below(DemoWords.systems.count)
        stage = generator.below(DemoWords.stages.count)
        host = "\(DemoWords.prefixes[kind])-\(DemoWords.stageCodes[stage])-\(10_000 + number)"
        person = generator.below(DemoWords.firstNames.count * DemoWords.lastNames.count)
        cores = 1 << generator.below(7)
        memory = 4 << generator.below(7)
        disk = 100 * (1 + generator.below(40))
        hardware = generator.below(DemoWords.hardware.count)
        bought = (2015 + generator.below(10), 1 + generator.below(12), 1 + generator.below(28))
        seen = (2025, 1 + generator.below(12), 1 + generator.below(28))
    }

    /// The same asset as another system reports it later.
    func seenAgain(_ generator: inout SplitMix64) -> DemoRow {
        var copy = self
        copy.seen = (2026, 1 + generator.below(6), 1 + generator.below(28))
        copy.isSecondSource = true
        return copy
    }

    func fields(_ generator: inout SplitMix64) -> [String] {
        let hardware = DemoWords.hardware[hardware]
        let domain = "\(DemoWords.sites[number % DemoWords.sites.count].1).example.com"
        let first = DemoWords.firstNames[person % DemoWords.firstNames.count]
        let last = DemoWords.lastNames[person / DemoWords.firstNames.count]
        let name = generator.chance(15) ? "\(host).\(domain)" : host
        let cased = generator.chance(25) ? name.uppercased() : name
        let systems = DemoWords.systems[system]
        let values = [
            isSecondSource && generator.chance(50) ? "" : "INV-\(100_000 + number)",
            cased,
            generator.chance(20) ? "" : "\(host).\(domain)",
            addressText(&generator),
            macText(&generator),
            generator.pick(DemoWords.kinds[kind]),
            generator.pick(systems),
            generator.chance(85) ? "" : generator.pick(["v1.2", "10.0.17763", "Version 8.4"]),
            generator.pick(DemoWords.stages[stage]),
            DemoWords.sites[number % DemoWords.sites.count].0,
            generator.chance(20) ? "\(last), \(first)" : "\(first) \(last)",
            mailText(first, last, &generator),
            generator.chance(60) ? "" : "+49 30 555\(1000 + generator.below(9000))",
            generator.pick(DemoWords.departments),
            generator.pick(DemoWords.applications),
            generator.pick(hardware.0),
            generator.pick(hardware.1),
            generator.chance(20) ? serial.lowercased() : serial,
            generator.pick(["\(cores)", "\(cores) Cores", "\(cores) vCPU", "\(cores)"]),
            generator.pick(["\(memory) GB", "\(memory * 1024) MB", "\(memory)", "\(memory)GB"]),
            generator.pick(["\(disk)", "\(disk) GB", "\(disk)"]),
            generator.pick(DemoWords.states),
            generator.pick(DemoWords.criticalities),
            dateText(bought, &generator),
            dateText(seen, &generator),
            "KST-\(4000 + generator.below(60))",
            noteText(&generator),
            generator.chance(80) ? "" : "INC\(1_000_000 + generator.below(900_000))",
        ]
        return values.map { untidy($0, &generator) }
    }

    private func untidy(_ value: String, _ generator: inout SplitMix64) -> String {
        switch generator.below(100) {
        case 0, 1: " " + value
        case 2, 3: value + "  "
        case 4: generator.pick(DemoWords.placeholders)
        default: value
        }
    }

    private func addressText(_ generator: inout SplitMix64) -> String {
        let plain = address.map(String.init).joined(separator: ".")
        switch generator.below(20) {
        case 0: return plain + "/24"
        case 1: return address.map { Self.pad($0, 3) }.joined(separator: ".")
        case 2: return "fd00:20:0:0:0:0:\(String(address[2], radix: 16)):\(String(address[3], radix: 16))"
        case 3 where generator.chance(20): return "10.300.\(address[2]).\(address[3])"
        default: return plain
        }
    }

    private func macText(_ generator: inout SplitMix64) -> String {
        let pairs = mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        switch generator.below(5) {
        case 0: return pairs.joined(separator: "-").uppercased()
        case 1: return (0..<3).map { pairs[2 * $0] + pairs[2 * $0 + 1] }.joined(separator: ".")
        case 2: return pairs.joined().uppercased()
        default: return pairs.joined(separator: ":")
        }
    }

    private func mailText(_ first: String, _ last: String, _ generator: inout SplitMix64) -> String {
        let mail = "\(first.folded).\(last.folded)@example.com"
        switch generator.below(12) {
        case 0: return mail.uppercased()
        case 1: return "\(first).\(last)@Example.com".folded == mail ? "mailto:" + mail : mail
        case 2 where generator.chance(30): return mail.folded + ".@"
        default: return mail
        }
    }

    private func dateText(_ date: (Int, Int, Int), _ generator: inout SplitMix64) -> String {
        let (year, month, day) = date
        switch generator.below(6) {
        case 0: return "\(year)-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
        case 1: return "\(day)/\(month)/\(year)"
        case 2: return "\(day). \(DemoWords.months[month - 1]) \(year)"
        default: return "\(Self.pad(day, 2)).\(Self.pad(month, 2)).\(year)"
        }
    }

    private func noteText(_ generator: inout SplitMix64) -> String {
        switch generator.below(40) {
        case 0: return "Lizenz bezahlt mit Karte 4111 1111 1111 1111"
        case 1: return "Miete von Konto DE89 3704 0044 0532 0130 00"
        case 2: return "Rückfragen an hotline@example.org; abends +49 40 5550123"
        case 3: return "Zugang: Raum 4;\nSchlüssel beim Pförtner"
        case 4: return "genannt \"der Große\""
        case 5: return "US contact SSN 219-09-9999"
        case 6...14: return generator.pick(DemoWords.notes)
        default: return ""
        }
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
