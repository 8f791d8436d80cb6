// Closed vocabularies: the spellings of environments, asset types, states … and the one we store.

/// Values that only say that there is no value.
enum NullValues {
    private static let words: Set<String> = [
        "na", "n/a", "n.a.", "n.a", "#n/a", "#nv", "-", "--", "---", "–", "—", "?", "??", "???", "none", "null", "nil",
        "(null)",
        "<null>", "unknown", "unbekannt", "undefined", "undef", "not available", "not set", "not applicable",
        "not specified",
        "nicht verfügbar", "nicht vorhanden", "keine", "keine angabe", "k.a.", "k. a.", "k.a", "ka", "tbd", "tba",
        "t.b.d.",
        "to be defined", "to be determined", "offen", "leer", "empty", "(blank)", "blank", "(leer)", "x", "xx", "xxx",
        ".",
        "unassigned", "<empty>", "#ref!", "#value!", "nan",
    ]

    private static let longest = words.reduce(0) { max($0, $1.utf8.count) }

    static func isNull(_ text: String) -> Bool {
        guard text.utf8.count <= 24 else { return false }
        let probe = text.isWhitespaceCollapsed ? text : text.whitespaceCollapsed
        return probe.utf8.count <= longest && words.contains(probe.lowercased())
    }
}

/// A closed set of canonical values and their other spellings.
struct Vocabulary: Sendable {
    private let spellings: [String: String]
    private let ignoredWords: Set<String>

    private init(_ table: [String: [String]], ignoring ignoredWords: Set<String> = []) {
        var spellings: [String: String] = [:]
        for (canonical, others) in table {
            for name in [canonical] + others { spellings[Self.key(name)] = canonical }
        }
        self.spellings = spellings
        self.ignoredWords = ignoredWords
    }

    /// The canonical value of `text`, or nil when it is not in the vocabulary.
    func canonical(_ text: String) -> String? {
        guard text.utf8.count <= 64 else { return nil }
        let key = Self.key(text)
        if let exact = spellings[key] { return exact }
        // `1 - Critical`, `(3) Medium`: the number only repeats the rank.
        let bare = key.drop { $0.isNumber }
        if bare.count != key.count, let value = spellings[String(bare)] { return value }
        guard !ignoredWords.isEmpty else { return nil }
        var words = text.folded.utf8.split { !$0.isAlphanumeric && $0 < 0x80 }.map {
            String(decoding: $0, as: UTF8.self)
        }
        while let last = words.last, words.count > 1, ignoredWords.contains(last) { words.removeLast() }
        return spellings[words.joined()]
    }

    private static func key(_ text: String) -> String {
        let bytes = text.folded.utf8.filter { $0.isAlphanumeric || $0 >= 0x80 }
        return String(decoding: bytes, as: UTF8.self)
    }

    static let environment = Vocabulary([
        "production": [
            "prod", "prd", "produktion", "produktiv", "productive", "produktivsystem", "live", "p", "produktivumgebung",
            "prod env", "production environment",
        ],
        "pre-production": ["preprod", "pre prod", "vorproduktion", "pprd", "preproduction", "ppd"],
        "staging": ["stage", "stg", "stag", "stage env"],
        "quality assurance": ["qa", "qs", "qualitaetssicherung", "quality", "q", "qas"],
        "acceptance": ["uat", "abnahme", "user acceptance", "user acceptance test", "acc", "akzeptanz"],
        "test": ["tst", "testing", "testumgebung", "testsystem", "t", "test env"],
        "integration": ["int", "integrationstest", "sit", "system integration"],
        "development": ["dev", "entwicklung", "devel", "develop", "entw", "d", "entwicklungsumgebung"],
        "sandbox": ["sbx", "playground", "spielwiese", "lab", "labor"],
        "training": ["schulung", "trn", "education"],
        "disaster recovery": ["dr", "failover", "notfall", "standby", "ausfall", "drp", "k-fall"],
    ])

    static let status = Vocabulary([
        "active": [
            "aktiv", "in use", "in betrieb", "operational", "running", "live", "deployed", "installed", "in service",
            "online", "in production", "up", "enabled", "produktiv", "in nutzung", "betrieb", "installiert",
        ],
        "inactive": [
            "inaktiv", "offline", "down", "powered off", "stopped", "disabled", "ausgeschaltet", "not in use",
            "ausser betrieb", "deaktiviert", "nicht aktiv",
        ],
        "in stock": ["stock", "spare", "lager", "auf lager", "in store", "storage", "in inventory", "reserve"],
        "planned": [
            "ordered", "on order", "geplant", "bestellt", "in planung", "pending install", "requested", "pipeline",
        ],
        "maintenance": [
            "in maintenance", "wartung", "in wartung", "in repair", "repair", "reparatur", "under maintenance",
        ],
        "retired": [
            "decommissioned", "ausgemustert", "stillgelegt", "disposed", "end of life", "eol", "decomm", "scrapped",
            "verschrottet", "ausser dienst", "abgebaut", "removed", "decom", "entsorgt",
        ],
        "missing": ["lost", "stolen", "verloren", "gestohlen", "vermisst"],
    ])

    static let criticality = Vocabulary([
        "critical": [
            "kritisch", "very high", "sehr hoch", "mission critical", "p1", "crit", "highest", "prio1", "tier1",
            "business critical", "geschaeftskritisch",
        ],
        "high": ["hoch", "p2", "important", "major", "wichtig", "prio2", "tier2"],
        "medium": ["mittel", "normal", "moderate", "p3", "med", "standard", "average", "prio3", "tier3"],
        "low": [
            "niedrig", "gering", "minor", "p4", "lowest", "very low", "unkritisch", "non critical", "prio4", "tier4",
        ],
    ])

    static let assetType = Vocabulary([
        "server": [
            "srv", "physical server", "physischer server", "bare metal", "host server", "rack server", "blade",
            "win server",
            "windows server", "linux server", "unix server", "blade server", "server hardware", "cmdb ci server",
            "cmdb_ci_win_server", "cmdb_ci_linux_server", "hardware server",
        ],
        "virtual machine": [
            "vm", "virtual", "virtueller server", "virtual server", "virtuelle maschine", "vserver", "guest",
            "vmware vm", "cloud vm", "instance", "ec2 instance", "cmdb_ci_vm_instance", "virtuell", "vm instance",
        ],
        "hypervisor": ["esx", "esxi", "esx host", "vm host", "virtualization host", "esxi host"],
        "container": ["pod", "docker", "docker container"],
        "workstation": [
            "desktop", "pc", "arbeitsplatz", "client", "desktop pc", "arbeitsplatzrechner", "computer", "thin client",
        ],
        "laptop": ["notebook", "nb", "ultrabook", "mobile pc"],
        "switch": ["network switch", "sw", "netzwerkswitch", "access switch", "core switch", "lan switch"],
        "router": ["rtr", "gateway", "wan router"],
        "firewall": ["fw", "utm"],
        "load balancer": ["lb", "loadbalancer", "adc"],
        "access point": ["ap", "wlan access point", "wifi access point", "wlan ap", "wap"],
        "network device": ["network", "netzwerk", "network equipment", "netzwerkgeraet", "netgear", "cmdb_ci_netgear"],
        "storage": ["san", "nas", "storage array", "storage system", "filer", "speichersystem", "disk array"],
        "printer": ["drucker", "mfp", "multifunction printer", "laserdrucker", "prt"],
        "phone": ["telefon", "ip phone", "smartphone", "mobile phone", "handy", "mobiltelefon", "voip phone"],
        "tablet": ["ipad", "tablet pc"],
        "database": ["db", "datenbank", "database instance", "db instance", "database server", "datenbankserver"],
        "appliance": ["virtual appliance", "hardware appliance"],
        "ups": ["usv", "uninterruptible power supply", "pdu"],
    ])

    static let manufacturer = Vocabulary(
        [
            "Dell": ["dell emc", "dell computer", "delltechnologies", "emc"],
            "HPE": ["hewlett packard enterprise", "hp enterprise", "hpe proliant"],
            "HP": ["hewlett packard", "hewlettpackard"],
            "Lenovo": ["ibm lenovo", "lenovo group"],
            "IBM": ["international business machines"],
            "Cisco": ["cisco systems", "cisco meraki"],
            "VMware": ["vm ware", "vmware by broadcom"],
            "Microsoft": ["ms", "microsoft hyper v", "msft"],
            "Fujitsu": ["fujitsu siemens", "fujitsu technology solutions", "fsc", "fts"],
            "Supermicro": ["super micro", "smc", "super micro computer"],
            "Juniper": ["juniper networks"], "Fortinet": ["fortigate"],
            "Palo Alto Networks": ["palo alto", "paloalto", "pan"],
            "Aruba": ["aruba networks", "hpe aruba"], "Huawei": ["huawei technologies"],
            "NetApp": ["network appliance"],
            "Apple": ["apple computer"], "Oracle": ["sun", "sun microsystems"],
            "Amazon Web Services": ["aws", "amazon"],
            "Google": ["gcp", "google cloud"], "Samsung": ["samsung electronics"], "Brother": ["brother industries"],
            "Canon": [], "Epson": ["seiko epson"], "Xerox": [], "Kyocera": ["kyocera mita"], "Lexmark": [], "Ricoh": [],
            "ASUS": ["asustek", "asus tek"], "Acer": [], "Toshiba": ["dynabook"], "Intel": [], "QNAP": [],
            "Synology": [],
            "F5": ["f5 networks"], "Check Point": ["checkpoint"], "Sophos": [],
            "Ubiquiti": ["ubnt", "ubiquiti networks"],
            "MikroTik": [], "D-Link": [], "Netgear": [], "Zyxel": [], "APC": ["schneider electric apc"], "Eaton": [],
            "Pure Storage": ["purestorage"], "Hitachi": ["hitachi vantara", "hds"], "Nutanix": [],
            "QEMU": ["kvm", "red hat qemu"],
        ],
        ignoring: [
            "inc", "gmbh", "corp", "corporation", "ltd", "limited", "ag", "co", "company", "kg", "technologies",
            "technology",
            "llc", "sa", "se", "bv", "international", "computers", "deutschland", "group", "com",
        ]
    )
}
