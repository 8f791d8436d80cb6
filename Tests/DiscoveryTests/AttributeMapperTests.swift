import Discovery
import Testing

@Suite("Attribute mapping")
struct AttributeMapperTests {
    /// Header → attribute, or nil for none; each set stands for another source. No values: names must do.
    static let headers: [[String: CanonicalAttribute?]] = [
        [
            "hostName": .hostname, "ipAddress": .ipAddress, "macAddress": .macAddress,
            "operatingSystem": .operatingSystem,
            "osVersion": .osVersion, "serialNumber": .serialNumber, "lastSeen": .lastSeen,
            "purchaseDate": .purchaseDate,
            "cpuCount": .cpuCores, "totalMemory": .memoryGB, "diskSize": .storageGB, "costCenter": .costCenter,
            "colour": nil,
        ],
        [
            "Asset Tag": .assetID, "Computer Name": .hostname, "IP Addr.": .ipAddress, "MAC Addr": .macAddress,
            "OS": .operatingSystem,
            "OS Ver.": .osVersion, "Env": .environment, "Site": .location, "Assigned To": .owner,
            "Contact E-Mail": .ownerEmail,
            "Dept.": .businessUnit, "Vendor": .manufacturer, "Model No": .model, "S/N": .serialNumber,
            "RAM (MB)": .memoryGB,
            "HDD": .storageGB, "Life Cycle Status": .status, "Comments": .description, "Warranty": nil,
        ],
        [
            "rechnername": .hostname, "ip_adresse": .ipAddress, "mac-adresse": .macAddress,
            "Betriebssystem": .operatingSystem,
            "Umgebung": .environment, "Standort": .location, "Ansprechpartner": .owner, "Abteilung": .businessUnit,
            "Hersteller": .manufacturer, "Modellbezeichnung": .model, "Serien-Nr.": .serialNumber,
            "Arbeitsspeicher": .memoryGB,
            "Festplattengröße": .storageGB, "Kritikalität": .criticality, "Anschaffungsdatum": .purchaseDate,
            "Kostenstelle": .costCenter, "Bemerkungen": .description, "Inventarnummer": .assetID,
            "Anwendung": .application,
            "Gerätetyp": .assetType, "Farbe": nil,
        ],
        [
            "enviroment": .environment, "Manufactuerer": .manufacturer, "SERIAL_NUMER": .serialNumber,
            "Primary IP Address": .ipAddress,
            "CI Hostname": .hostname, "business-criticality": .criticality, "OwnerEmail": .ownerEmail,
            "FQDN (primary)": .fqdn,
        ],
    ]

    @Test(arguments: headers)
    func mapsByName(_ expected: [String: CanonicalAttribute?]) throws {
        let names = expected.keys.sorted()
        let report = try Analysis(names.joined(separator: ",") + "\n").report
        #expect(report.columns.isEmpty == false)
        let mapping = AttributeMapper().map(report.columns)
        for column in mapping.columns {
            #expect(column.attribute == expected[column.column] ?? nil, "\(column.column): \(column.explanation)")
        }
    }

    @Test
    func mapsByContentWhereNamesSayNothing() throws {
        var text = "f1;f2;f3;f4;f5;f6;f7\n"
        for index in 1...40 {
            let stage = ["PRD", "Test", "Entwicklung"][index % 3]
            let system = ["Win2k19", "RHEL 8", "Ubuntu 20.04 LTS"][index % 3]
            text +=
                "10.0.0.\(index);00:11:22:33:44:\(10 + index);\(stage);\(system);a\(index)@example.com;blue;srv\(index)\n"
        }
        let mapping = try Analysis(text).mapping
        #expect(
            mapping.columns.map(\.attribute)
                == [.ipAddress, .macAddress, .environment, .operatingSystem, .ownerEmail, nil, .hostname]
        )
        #expect(
            mapping.columns.filter { $0.attribute != nil }.allSatisfy { $0.reason == .content && $0.confidence < 0.95 }
        )
        #expect(mapping.unmapped == ["f6"])
    }

    @Test
    func contentSpeaksAgainstAWrongName() throws {
        let rows = (1...30).map { "blue\($0) thing,10.0.0.\($0)" }.joined(separator: "\n")
        let mapping = try Analysis("IP,address field\n" + rows + "\n").mapping
        #expect(mapping.columns.map(\.attribute) == [nil, .ipAddress])
    }

    @Test
    func assignsEachAttributeOnce() throws {
        let mapping = try Analysis("hostname,host,host name,server name\na1,a1,a1,a1\nb2,b2,b2,b2\n").mapping
        #expect(mapping.columns.filter { $0.attribute == .hostname }.map(\.column) == ["hostname"])
        #expect(mapping.columns.allSatisfy { (0...1).contains($0.confidence) && !$0.explanation.isEmpty })
    }

    @Test
    func takesAPersonsEdits() throws {
        let mapping = try Analysis("hostname,ip address,colour\na1,10.0.0.1,blue\n").mapping
        let edited = try mapping.applying(["colour": "hostname", "ip address": nil])
        #expect(edited.columns.map(\.attribute) == [nil, nil, .hostname])
        #expect(edited.columns[2].reason == .manual)
        #expect(throws: MappingError.unknownColumn("size")) { try mapping.applying(["size": "model"]) }
        #expect(throws: MappingError.unknownAttribute("color", column: "colour")) {
            try mapping.applying(["colour": "color"])
        }
        #expect(throws: MappingError.duplicateAttribute(.model, columns: ["hostname", "colour"])) {
            try mapping.applying(["hostname": "model", "colour": "model"])
        }
    }
}
