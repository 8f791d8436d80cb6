// The words of the demo export. People, addresses and numbers are invented; domains are reserved (RFC 2606), the card
// and bank numbers are the published test numbers.

enum DemoWords {
    static let prefixes = ["srv", "vm", "ws", "nb", "sw", "fw", "prn"]
    static let kinds = [
        ["Server", "SERVER", "server", "Physischer Server", "Bare Metal"],
        ["VM", "Virtual Machine", "virtueller Server", "vm"],
        ["Workstation", "Desktop", "PC", "Arbeitsplatz"], ["Laptop", "Notebook", "notebook"],
        ["Switch", "switch", "Network Switch"],
        ["Firewall", "FW", "firewall"], ["Drucker", "Printer", "MFP"],
    ]
    static let systems = [
        [
            "Windows Server 2019", "Win2k19", "Microsoft Windows Server 2019 Standard", "Windows Server 2019 Std",
            "WS2019",
        ],
        ["Windows Server 2016", "w2k16", "Microsoft Windows Server 2016 Datacenter"],
        ["Windows Server 2012 R2", "W2k12R2", "Win 2012 R2"],
        [
            "RHEL 8", "Red Hat Enterprise Linux 8.4", "RHEL8.4", "redhat 8.4",
            "Red Hat Enterprise Linux release 8.4 (Ootpa)",
        ],
        ["Ubuntu 20.04 LTS", "ubuntu 20.04", "Ubuntu Linux 20.04.6 LTS"],
        ["Debian 12", "Debian GNU/Linux 12 (bookworm)", "debian bookworm"],
        ["SLES 15 SP3", "SUSE Linux Enterprise Server 15 SP3", "suse 15 sp3"],
        ["Windows 10", "Win10", "Windows 10 Pro 22H2", "Microsoft Windows 10 Enterprise"],
        ["Windows 11", "win11", "Windows 11 Pro"], ["VMware ESXi 7.0 U3", "ESXi 7.0", "esx 7.0 update 3"],
        ["Cisco IOS 15.2(4)M", "Cisco IOS XE 17.3"], ["CentOS 7", "CentOS Linux 7.9", "centos7"],
    ]
    static let stages = [
        ["Produktion", "prod", "PRD", "Production", "Prod", "produktiv"], ["Test", "TST", "test", "Testing"],
        ["Entwicklung", "DEV", "dev", "Development"], ["QS", "QA", "qa"], ["Abnahme", "UAT"], ["Staging", "stg"],
    ]
    static let stageCodes = ["p", "t", "d", "q", "a", "s"]
    static let sites = [
        ("München", "muc"), ("Köln RZ 2", "cgn"), ("Zürich", "zrh"), ("Berlin", "ber"), ("Düsseldorf", "dus"),
        ("Wien", "vie"),
    ]
    static let firstNames = [
        "Jörg", "Anna", "Günther", "Sabine", "Käthe", "Thomas", "Miriam", "Peter", "Ulrike", "Björn", "Lena", "David",
    ]
    static let lastNames = [
        "Müller", "Schmidt", "Weiß", "Krüger", "Schäfer", "Hoffmann", "Köhler", "Brandt", "Vogel", "Jäger",
    ]
    static let departments = ["IT-Betrieb", "Vertrieb", "Einkauf", "Qualität", "Finanzen", "Logistik", "IT  Betrieb"]
    static let applications = [
        "SAP ERP", "Webshop", "CRM", "Lohnabrechnung", "Data Warehouse", "Fileservice", "Monitoring",
    ]
    static let hardware: [([String], [String])] = [
        (["Dell", "DELL Inc.", "Dell EMC", "dell"], ["PowerEdge R640", "PowerEdge R740"]),
        (["HPE", "Hewlett Packard Enterprise", "hpe"], ["ProLiant DL380 Gen10", "ProLiant DL360"]),
        (["Lenovo", "LENOVO"], ["ThinkSystem SR650", "ThinkPad T14"]),
        (["Cisco", "Cisco Systems, Inc.", "cisco systems"], ["Catalyst 9300", "Nexus 9000"]),
        (["VMware, Inc.", "VMware", "vmware"], ["VMware Virtual Platform"]),
        (["Fujitsu", "FUJITSU", "Fujitsu Siemens"], ["PRIMERGY RX2540"]),
    ]
    static let states = [
        "aktiv", "In Betrieb", "active", "Active", "außer Betrieb", "retired", "stillgelegt", "in stock", "Wartung",
    ]
    static let criticalities = ["hoch", "High", "1 - kritisch", "mittel", "medium", "niedrig", "low", "P2"]
    static let months = [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ]
    static let placeholders = ["n/a", "-", "unbekannt", "unknown", "TBD", "none", "k.A."]
    static let notes = [
        "läuft ohne Wartungsvertrag", "Umzug geplant", "Gehäuse getauscht, Speicher erweitert", "siehe Wiki",
        "Altsystem",
        "Zugriff nur über Jumphost",
    ]
}
