// What the columns of the world's CMDBs, inventories and spreadsheets call each attribute, in English and German.

/// Synonyms of the canonical attributes and how well a column name matches them.
enum AttributeLexicon {
    /// The best match of a name for one attribute.
    struct Match: Equatable {
        let score: Double
        let reason: AttributeMapping.Reason
        let synonym: String
    }

    private static let synonyms: [(CanonicalAttribute, [String])] = [
        (
            .hostname,
            [
                "hostname", "host", "host name", "server name", "servername", "computer name", "computername",
                "machine name",
                "device name", "node name", "system name", "netbios name", "rechnername", "geraetename", "systemname",
                "servername kurz", "name", "ci name", "configuration item", "node", "dns host name", "rechner",
            ]
        ),
        (
            .fqdn,
            [
                "fqdn", "fully qualified domain name", "full name", "dns name", "dns", "full hostname",
                "full qualified name",
                "domain name", "dns eintrag", "fully qualified name", "full dns name",
            ]
        ),
        (
            .ipAddress,
            [
                "ip address", "ip", "ipv4", "ipv6", "ipv4 address", "ipv6 address", "ip addresses", "primary ip",
                "mgmt ip",
                "management ip", "network address", "netzwerkadresse", "ipaddress", "ip v4", "ipadresse", "host ip",
            ]
        ),
        (
            .macAddress,
            [
                "mac address", "mac", "physical address", "hardware address", "ethernet address", "hw address",
                "macaddress",
                "nic mac", "physische address", "hardwareadresse", "macadresse", "physische adresse",
            ]
        ),
        (
            .assetType,
            [
                "asset type", "type", "ci type", "ci class", "class", "device type", "category", "asset class", "kind",
                "system type", "typ", "geraetetyp", "kategorie", "klasse", "asset category", "geraeteart", "systemtyp",
                "hardware type", "sys class name", "art",
            ]
        ),
        (
            .operatingSystem,
            [
                "operating system", "os name", "platform", "os type", "os family", "plattform", "betriebssystemname",
                "system software", "operating system name",
            ]
        ),
        (
            .osVersion,
            [
                "os version", "os release", "operating system version", "betriebssystemversion", "os build", "os level",
                "version", "release", "patch level", "os service pack", "betriebssystem version", "kernel version",
            ]
        ),
        (
            .environment,
            [
                "environment", "stage", "tier", "landscape", "umgebung", "used for", "staging level",
                "usage environment",
                "systemumgebung", "einsatzumgebung", "deployment environment", "lifecycle environment", "stufe",
            ]
        ),
        (
            .location,
            [
                "location", "site", "datacenter", "data center", "city", "building", "room", "rack", "office",
                "standort", "ort",
                "gebaeude", "raum", "rechenzentrum", "lokation", "physical location", "place", "region",
                "niederlassung",
            ]
        ),
        (
            .owner,
            [
                "owner", "owned by", "responsible", "responsible person", "contact", "assigned to", "managed by",
                "custodian",
                "technical contact", "system owner", "asset owner", "administrator", "verantwortlicher",
                "verantwortlich",
                "ansprechpartner", "besitzer", "eigentuemer", "betreuer", "zustaendig", "owner name", "contact person",
                "kontaktperson", "contact name", "user name", "benutzer", "assigned user",
            ]
        ),
        (
            .ownerEmail,
            [
                "owner email", "email", "email address", "contact email", "e mail", "e mail address", "owner e mail",
                "responsible email", "mailadresse", "emailadresse", "kontakt email", "verantwortlicher email",
                "user email",
            ]
        ),
        (
            .businessUnit,
            [
                "business unit", "department", "division", "organization", "organisation", "org unit", "company",
                "abteilung",
                "bereich", "geschaeftsbereich", "fachbereich", "organisationseinheit", "business line", "cost owner",
                "team",
                "firma", "gesellschaft",
            ]
        ),
        (
            .application,
            [
                "application", "application name", "service", "service name", "business service", "workload",
                "anwendung",
                "applikation", "dienst", "verfahren", "system purpose", "business application", "role", "fachverfahren",
                "software", "produkt", "product",
            ]
        ),
        (
            .manufacturer,
            [
                "manufacturer", "vendor", "make", "brand", "hersteller", "maker", "supplier", "hardware vendor", "oem",
                "marke",
                "vendor name",
            ]
        ),
        (
            .model,
            [
                "model", "model name", "model number", "hardware model", "product name", "product model", "modell",
                "modellbezeichnung", "model id", "geraetemodell", "hardware", "machine type", "baureihe",
            ]
        ),
        (
            .serialNumber,
            [
                "serial number", "serial", "service tag", "servicetag", "seriennummer", "serien number",
                "fabrication number",
                "hardware serial", "chassis serial", "s n", "serialnumber", "fabriknummer", "geraetenummer", "serialno",
            ]
        ),
        (
            .cpuCores,
            [
                "cpu cores", "cores", "cpu", "cpus", "vcpu", "vcpus", "cpu count", "core count", "number of cpus",
                "processors",
                "processor cores", "cpu kerne", "kerne", "prozessoren", "anzahl cpu", "anzahl kerne", "num cpu",
                "cpu core count",
            ]
        ),
        (
            .memoryGB,
            [
                "memory gb", "memory", "ram", "ram gb", "memory mb", "ram mb", "main memory", "total memory",
                "physical memory",
                "arbeitsspeicher", "hauptspeicher", "speicher", "installed memory", "memory size", "ram size",
            ]
        ),
        (
            .storageGB,
            [
                "storage gb", "storage", "disk", "disk gb", "disk size", "disk space", "hard disk", "capacity",
                "total disk",
                "festplatte", "plattenplatz", "speicherplatz", "festplattengroesse", "disk capacity", "storage size",
                "volume size",
                "disk total", "provisioned space", "plattenkapazitaet",
            ]
        ),
        (
            .status,
            [
                "status", "state", "lifecycle", "lifecycle status", "operational status", "install status",
                "asset status",
                "zustand", "betriebsstatus", "lifecycle stage", "lebenszyklus", "life cycle status", "ci status",
            ]
        ),
        (
            .criticality,
            [
                "criticality", "business criticality", "priority", "importance", "impact", "severity", "sla class",
                "kritikalitaet",
                "prioritaet", "wichtigkeit", "schutzbedarf", "business impact", "protection class", "service level",
                "sla",
            ]
        ),
        (
            .purchaseDate,
            [
                "purchase date", "purchased", "purchased on", "acquisition date", "order date", "date of purchase",
                "bought",
                "kaufdatum", "beschaffungsdatum", "anschaffungsdatum", "kauf date", "delivery date", "install date",
                "installation date", "lieferdatum", "beschafft am", "gekauft am", "procurement date",
            ]
        ),
        (
            .lastSeen,
            [
                "last seen", "last discovered", "last discovery", "last scan", "last contact", "last login",
                "last updated",
                "last update", "last inventory", "most recent discovery", "zuletzt gesehen", "letzter scan",
                "letzter kontakt",
                "letzte inventur", "last checkin", "last check in", "last logon", "zuletzt aktiv", "last scan date",
                "updated on",
            ]
        ),
        (
            .costCenter,
            [
                "cost center", "costcenter", "kostenstelle", "cost code", "gl account", "kst", "charge code",
                "billing code",
                "kostentraeger", "cost object",
            ]
        ),
        (
            .assetID,
            [
                "asset id", "asset tag", "asset number", "inventory number", "ci id", "ci number", "asset",
                "inventarnummer",
                "inventar number", "inventory id", "sys id", "id", "record id", "anlagennummer", "barcode",
                "inventory tag",
                "inventar id", "object id", "assetid", "geraete id", "configuration item id",
            ]
        ),
        (
            .description,
            [
                "description", "comment", "comments", "notes", "note", "remark", "remarks", "short description",
                "beschreibung",
                "bemerkung", "bemerkungen", "kommentar", "notiz", "notizen", "anmerkung", "info", "purpose", "zweck",
                "details",
                "freitext",
            ]
        ),
    ]

    private struct Entry {
        let attribute: CanonicalAttribute
        let text: String
        let words: [String]
        let joined: String
    }

    private static let entries: [Entry] = synonyms.flatMap { attribute, names in
        ([attribute.rawValue] + names).map { name in
            let words = NameTokens.words(name)
            return Entry(attribute: attribute, text: name, words: words, joined: words.joined())
        }
    }

    /// Names too general to be believed without support from the content.
    private static let vague: Set<String> = [
        "name", "type", "class", "version", "release", "id", "asset", "kind", "info", "role", "service", "contact",
        "tier",
        "stage", "make", "hardware", "software", "capacity", "impact", "region", "speicher", "user name", "node",
        "team", "dns",
        "art", "typ", "full name", "product", "produkt", "details", "level", "company", "priority", "system name",
    ]

    private static let fuzzyThreshold = 0.68

    /// Whether `name` is a spelling of some attribute, so that a row of such names is a header.
    static func isKnownName(_ name: String) -> Bool {
        guard name.utf8.count <= DiscoveryLimits.nameCharacters, !name.isEmpty else { return false }
        let joined = NameTokens.words(name).joined()
        return entries.contains { $0.joined == joined }
    }

    /// How well `name` matches each attribute, for all that match at all. O(synonyms · length).
    static func matches(_ name: String) -> [CanonicalAttribute: Match] {
        let all = NameTokens.words(name.cut(to: DiscoveryLimits.nameCharacters))
        let meaningful = all.filter { !NameTokens.fillers.contains($0) }
        let words = meaningful.isEmpty ? all : meaningful
        let joined = words.joined()
        let full = all.joined()
        guard !joined.isEmpty else { return [:] }
        var best: [CanonicalAttribute: Match] = [:]
        for entry in entries {
            guard let (score, reason) = score(words, joined, full, against: entry) else { continue }
            let isVague = vague.contains(entry.text)
            let match = Match(score: isVague ? score * 0.72 : score, reason: reason, synonym: entry.text)
            if match.score > best[entry.attribute]?.score ?? 0 { best[entry.attribute] = match }
        }
        return best
    }

    private static func score(
        _ words: [String],
        _ joined: String,
        _ full: String,
        against entry: Entry
    ) -> (Double, AttributeMapping.Reason)? {
        if entry.joined == joined || entry.joined == full {
            return entry.text == entry.attribute.rawValue ? (1, .name) : (0.95, .synonym)
        }
        if entry.words.allSatisfy(words.contains) {
            // `primary production hostname` still means the host name, the less so the more else it says.
            let share = Double(entry.joined.utf8.count) / Double(joined.utf8.count)
            return (0.55 + 0.35 * share, .synonym)
        }
        let (shorter, longer) = (
            min(entry.joined.utf8.count, joined.utf8.count), max(entry.joined.utf8.count, joined.utf8.count)
        )
        // Twice the shorter over the sum bounds the similarity, so most pairs need no comparing.
        guard shorter >= 4, Double(2 * shorter + 2) >= fuzzyThreshold * Double(shorter + longer + 2) else { return nil }
        let similarity = NameTokens.similarity(joined, entry.joined)
        return similarity >= fuzzyThreshold ? (similarity * 0.85, .fuzzy) : nil
    }
}
