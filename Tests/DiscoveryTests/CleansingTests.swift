import Discovery
import Testing

@Suite("Cleansing")
struct CleansingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let column: String
        let attribute: CanonicalAttribute
        let before: String
        /// Nil when the value is emptied.
        let after: String?
        var testDescription: String { "\(column): \(before)" }
        init(_ column: String, _ attribute: CanonicalAttribute, _ before: String, _ after: String?) {
            self.column = column
            self.attribute = attribute
            self.before = before
            self.after = after
        }
    }

    static let cases: [Case] = [
        Case("location", .location, "  Haus \u{A0} 4 ", "Haus 4"), Case("location", .location, "n/a", nil),
        Case("location", .location, " TBD ", nil), Case("location", .location, "-", nil),
        Case("location", .location, "Nonesuch", "Nonesuch"),
        Case("hostname", .hostname, "SRV01", "srv01"), Case("hostname", .hostname, "Srv01.corp.example.com", "srv01"),
        Case("hostname", .hostname, "10.0.0.1", "10.0.0.1"), Case("fqdn", .fqdn, "A.Example.com.", "a.example.com"),
        Case("ip address", .ipAddress, "010.001.000.005", "10.1.0.5"),
        Case("ip address", .ipAddress, "10.1.2.3/24", "10.1.2.3"),
        Case("ip address", .ipAddress, "10.1.2. 3", "10.1.2.3"),
        Case("ip address", .ipAddress, "[2001:DB8:0::1]", "2001:db8::1"),
        Case("ip address", .ipAddress, "10.1.2.300", "10.1.2.300"),
        Case("mac", .macAddress, "001A.2B3C.4D5E", "00:1a:2b:3c:4d:5e"),
        Case("mac", .macAddress, "00 1A 2B 3C 4D 5E", "00:1a:2b:3c:4d:5e"),
        Case("environment", .environment, "PRD", "production"),
        Case("environment", .environment, "Produktion", "production"),
        Case("environment", .environment, "Entw.", "development"), Case("environment", .environment, "Mars", "Mars"),
        Case("status", .status, "Außer Betrieb", "inactive"),
        Case("criticality", .criticality, "1 - Critical", "critical"),
        Case("manufacturer", .manufacturer, "Hewlett-Packard Enterprise", "HPE"),
        Case("manufacturer", .manufacturer, "Dell Inc.", "Dell"),
        Case("manufacturer", .manufacturer, "Cisco Systems, Inc.", "Cisco"),
        Case("asset type", .assetType, "Virtueller Server", "virtual machine"),
        Case("memory", .memoryGB, "16 GB", "16"), Case("memory", .memoryGB, "16384 MB", "16"),
        Case("RAM (MB)", .memoryGB, "8192", "8"),
        Case("memory", .memoryGB, "1,5 TB", "1536"), Case("memory", .memoryGB, "1.024 GB", "1024"),
        Case("memory", .memoryGB, "0.5", "0.5"),
        Case("memory", .memoryGB, "lots", "lots"), Case("cpu cores", .cpuCores, "2 x 8 Kerne", "16"),
        Case("cpu cores", .cpuCores, "8 vCPU", "8"),
        Case("os version", .osVersion, "Version 8.4", "8.4"),
        Case("purchase date", .purchaseDate, "5. März 2024", "2024-03-05"),
        Case("purchase date", .purchaseDate, "03/04/2024", "03/04/2024"),
        Case("purchase date", .purchaseDate, "25/04/2024", "2024-04-25"),
        Case("serial number", .serialNumber, "abc-123x", "ABC-123X"),
        Case("serial number", .serialNumber, "To be filled by O.E.M.", nil),
        Case("serial number", .serialNumber, "00000000", nil),
        Case("owner email", .ownerEmail, "Max <MAX@Example.com>", "max@example.com"),
        Case("owner email", .ownerEmail, "mailto:max@example.com", "max@example.com"),
    ]

    @Test(arguments: cases)
    func normalises(_ example: Case) throws {
        let field = example.before.contains(",") ? "\"\(example.before)\"" : example.before
        let analysis = try Analysis("asset id|\(example.column)\nX-1|\(field)\n")
        try #require(analysis.mapping.column(of: example.attribute) == 1)
        let asset = try #require(analysis.assets().first)
        #expect(asset.attributes[example.attribute] == example.after)
        let untouched = try #require(analysis.assets(accepting: []).first)
        #expect(untouched.attributes[example.attribute] == example.before, "nothing changes without consent")
    }

    static let systems: [(String, String, String?)] = [
        ("Win2k19", "Windows Server", "2019"), ("Windows Server 2019 Std", "Windows Server", "2019"),
        ("WS2016", "Windows Server", "2016"),
        ("w2k12r2", "Windows Server", "2012 R2"),
        ("Microsoft® Windows Server® 2008 R2 Enterprise", "Windows Server", "2008 R2"),
        ("Windows 10 Enterprise LTSC 2019", "Windows", "10"), ("Win10 Pro 22H2", "Windows", "10 22H2"),
        ("windows xp", "Windows", "XP"),
        ("RHEL 8", "Red Hat Enterprise Linux", "8"),
        ("Red Hat Enterprise Linux 8.4 (Ootpa)", "Red Hat Enterprise Linux", "8.4"),
        ("rhel8.4", "Red Hat Enterprise Linux", "8.4"), ("Ubuntu 20.04 LTS", "Ubuntu", "20.04"),
        ("debian bookworm", "Debian", "12"),
        ("Debian GNU/Linux 12 (bookworm)", "Debian", "12"), ("SLES 15 SP3", "SUSE Linux Enterprise Server", "15 SP3"),
        ("ESXi 7.0 U3", "VMware ESXi", "7.0 U3"), ("macOS 13.4", "macOS", "13.4"), ("AIX 7.2", "AIX", "7.2"),
        ("Cisco IOS XE 17.3", "Cisco IOS XE", "17.3"), ("Oracle Linux Server 8.6", "Oracle Linux", "8.6"),
        ("Linux", "Linux", nil),
        ("CentOS Linux release 7.9.2009", "CentOS", "7.9.2009"), ("Winchester", "Winchester", nil),
        ("Solitaire", "Solitaire", nil),
    ]

    @Test(arguments: systems)
    func readsOperatingSystems(_ name: String, _ family: String, _ version: String?) throws {
        let asset = try #require(Analysis("hostname|operating system|os version\nsrv1|\(name)|\n").assets().first)
        #expect(asset.attributes[.operatingSystem] == family)
        #expect(asset.attributes[.osVersion] == version)
    }

    @Test
    func keepsAnOtherVersionBesideTheRelease() throws {
        let asset = try #require(
            Analysis("hostname,operating system,os version\nsrv1,Win2k19,10.0.17763\n").assets().first
        )
        #expect(asset.attributes[.operatingSystem] == "Windows Server 2019")
        #expect(asset.attributes[.osVersion] == "10.0.17763")
    }

    @Test
    func theColumnSettlesAmbiguousDates() throws {
        let american = try Analysis("hostname,purchase date\na1,03/04/2024\nb1,12/25/2023\n").assets()
        #expect(american.map { $0.attributes[.purchaseDate] } == ["2024-03-04", "2023-12-25"])
        let open = try Analysis("hostname,purchase date\na1,03/04/2024\n").assets()
        #expect(open[0].attributes[.purchaseDate] == "03/04/2024")
        #expect(open[0].issues.contains { $0.attribute == .purchaseDate })
    }

    @Test
    func appliesOnlyAcceptedGroups() throws {
        let analysis = try Analysis("hostname,environment,colour\n SRV1 ,PRD, n/a\nsrv2,production,red\n")
        #expect(
            analysis.proposal.groups.map(\.id)
                == ["hostname.trim", "hostname.case", "environment.unify", "extra.trim", "extra.null"]
        )
        #expect(analysis.proposal.changedRows == 1)
        #expect(analysis.proposal.changedCells == 5)
        let asset = try #require(analysis.assets(accepting: ["hostname.case"]).first)
        #expect(asset.attributes == [.hostname: " srv1 ", .environment: "PRD"])
        #expect(asset.extra == ["colour": " n/a"])
        #expect(throws: CleansingError.unknownGroup("hostname.paint")) {
            try analysis.proposal.validated(accepting: ["hostname.trim", "hostname.paint"])
        }
    }

    @Test
    func groupsShowABoundedNumberOfDifferentExamples() throws {
        let rows = (0..<200).map { "srv\($0),\($0 % 2 == 0 ? "PRD" : "Prod\($0 % 3 == 0 ? "" : "uktion")")\n" }.joined()
        let group = try #require(Analysis("hostname,environment\n" + rows).group("environment.unify"))
        #expect(group.count == 200)
        #expect(Set(group.examples.map(\.before)) == ["PRD", "Prod", "Produktion"])
        #expect(group.examples.allSatisfy { $0.after == "production" })
    }
}

@Suite("Duplicates")
struct DuplicateTests {
    static let export = """
        asset id,hostname,ip address,mac,serial number,location,last seen
        A1,srv1,10.0.0.1,00:11:22:33:44:01,SN-0001,,2025-01-01
        A2,srv2,10.0.0.2,00:11:22:33:44:02,SN-0002,Berlin,2025-01-01
        ,SRV1,10.0.0.1,,sn-0001,Köln,2025-02-02
        A4,srv4,10.0.0.4,0011.2233.4402,SN-0004,,
        a1,,,,,Wien,
        A6,srv2,10.0.0.2,,,Rom,2026-01-01

        """

    @Test
    func findsThemByEveryIdentifier() throws {
        let proposal = try Analysis(Self.export).proposal
        let found = Dictionary(
            uniqueKeysWithValues: proposal.groups.filter { $0.kind == .duplicate }.map { ($0.id, $0.count) }
        )
        // Row 4 shares a MAC address with row 2, but its serial number says that it is another machine.
        #expect(found == ["serial_number.duplicate": 1, "asset_id.duplicate": 1, "hostname_ip.duplicate": 2])
        #expect(proposal.duplicateRows == 3)
    }

    @Test
    func mergesIntoTheMostCompleteRow() throws {
        let analysis = try Analysis(Self.export)
        let plan = analysis.analyzer.duplicatePlan(accepting: analysis.proposal.groupIDs)
        #expect(plan.clusters.map(\.survivor) == [1, 2])
        #expect(plan.clusters.map(\.merged) == [[3, 5], [6]])
        #expect(plan.clusters[0].reasons == [.serialNumber, .assetID, .hostnameAndIP])
        let assets = try analysis.assets()
        #expect(assets.map(\.sourceRow).sorted() == [1, 2, 4])
        let first = try #require(assets.first { $0.sourceRow == 1 })
        #expect(first.attributes[.location] == "Köln", "gaps are filled in order of row")
        #expect(first.attributes[.lastSeen] == "2025-01-01", "own values stay")
        #expect(first.mergedRows == [3, 5])
    }

    @Test
    func mergesOnlyWhatWasAccepted() throws {
        let analysis = try Analysis(Self.export)
        #expect(analysis.analyzer.duplicatePlan(accepting: []).clusters.isEmpty)
        let plan = analysis.analyzer.duplicatePlan(accepting: ["asset_id.duplicate"])
        #expect(plan.clusters.map(\.merged) == [[5]])
        let rejected = analysis.proposal.groupIDs.filter { !$0.hasSuffix(".duplicate") }
        let assets = try analysis.assets(accepting: rejected)
        #expect(assets.count == 6)
        #expect(Set(assets.map(\.key)).count == 6, "rejected duplicates stay assets of their own")
    }

    @Test
    func placeholdersIdentifyNothing() throws {
        let rows = (1...5).map { "srv\($0),127.0.0.1,00:00:00:00:00:00,Default string" }.joined(separator: "\n")
        let proposal = try Analysis("hostname,ip address,mac,serial number\n" + rows + "\n").proposal
        #expect(proposal.duplicateRows == 0)
    }
}
