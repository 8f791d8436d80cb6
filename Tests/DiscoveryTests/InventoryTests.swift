import Discovery
import Foundation
import Testing

@Suite("Inventory")
struct InventoryTests {
    @Test
    func keysAreStableAndUnique() throws {
        let text =
            "asset id,hostname,ip address,colour\nA1,srv1,10.0.0.1,\nA1,srv2,10.0.0.2,\n,srv3,10.0.0.3,\n,,,red\n,,,red\n"
        let keep: Set<String> = []
        let first = try Analysis(text).assets(accepting: keep)
        #expect(first.map(\.key).prefix(3) == ["asset_id:a1", "asset_id:a1#2", "hostname:srv3@10.0.0.3"])
        #expect(Set(first.map(\.key)).count == 5)
        #expect(try Analysis(text).assets(accepting: keep).map(\.key) == first.map(\.key))
    }

    @Test
    func namesWhatIsStillWrong() throws {
        let text =
            "asset id,hostname,ip address,mac,owner email,memory\nA1,srv_1,10.0.0.300,zz,nobody,lots\nA2,srv2,10.0.0.2\n"
        let assets = try Analysis(text).assets()
        #expect(assets[0].issues.map(\.attribute) == [.hostname, .ipAddress, .macAddress, .ownerEmail, .memoryGB])
        #expect(assets[1].issues.map(\.attribute) == [nil], "the ragged row is named")
    }

    @Test
    func skipsRowsThatHoldNothing() throws {
        let analysis = try Analysis("hostname,ip address\n,\nsrv1,10.0.0.1\n n/a,-\n")
        #expect(try analysis.assets().map(\.sourceRow) == [2])
    }

    @Test
    func cutsHugeValuesAndKeys() throws {
        let huge = String(repeating: "ä", count: 10_000)
        let asset = try #require(Analysis("serial number,description\n\(huge),\(huge)\n").assets().first)
        #expect(asset.attributes[.description]?.count == DiscoveryLimits.valueCharacters)
        #expect(asset.key.utf8.count <= 160)
        #expect(asset.issues.contains { $0.attribute == .description })
    }

    @Test
    func resultsSurviveJSON() throws {
        let analysis = try Analysis("hostname,ip address,owner\nsrv1,10.0.0.1,Anna Schmidt\nSRV1,10.0.0.1,\n")
        func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> Bool {
            try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value)) == value
        }
        let assets = try analysis.assets()
        #expect(try roundTrip(analysis.report))
        #expect(try roundTrip(analysis.mapping))
        #expect(try roundTrip(analysis.proposal))
        #expect(try roundTrip(assets))
        let json = try #require(String(data: JSONEncoder().encode(assets), encoding: .utf8))
        #expect(json.contains("\"ip_address\":\"10.0.0.1\""), "attributes are an object keyed by name")
        #expect(json.contains("\"source_row\""))
    }

    @Test
    func aStoredMappingMustBeOneToOne() throws {
        let mapping = try Analysis("hostname,ip address\nsrv1,10.0.0.1\n").mapping
        let json = try #require(String(data: JSONEncoder().encode(mapping), encoding: .utf8))
        let broken = json.replacingOccurrences(of: "\"ip_address\"", with: "\"hostname\"")
        #expect(throws: MappingError.self) { try JSONDecoder().decode(AttributeMapping.self, from: Data(broken.utf8)) }
    }
}

@Suite("Column profiles")
struct ColumnProfileTests {
    @Test
    func describesAColumn() throws {
        let profile = try #require(
            Analysis("asset id,ip\n1,10.0.0.1\n2,\n3,10.0.0.1 \n4,fd00::1\n5,none at all\n").profile("ip")
        )
        #expect(profile.count == 5)
        #expect(profile.empty == 1)
        #expect(profile.distinct == 3 && profile.distinctIsExact)
        #expect(profile.minLength == 7 && profile.maxLength == 11)
        #expect(profile.formats.first?.format == .ipv4)
        #expect(profile.formats.first?.count == 2)
        #expect(profile.topValues.first?.value == "10.0.0.1")
        #expect(profile.topValues.first?.count == 2)
        #expect(profile.samples == ["10.0.0.1", "fd00::1", "none at all"])
        #expect(profile.share(of: .ipv4) == 0.5)
    }

    @Test
    func estimatesManyDistinctValues() throws {
        let rows = (0..<6000).map { "v\($0)\n" }.joined()
        let profile = try #require(Analysis("description\n" + rows).profile("description"))
        #expect(!profile.distinctIsExact)
        #expect(abs(profile.distinct - 6000) < 600)
        #expect(profile.topValues.count == DiscoveryLimits.topValues)
    }

    @Test
    func resultsStaySmallForWideExports() throws {
        let width = DiscoveryLimits.columns
        let header = (0..<width).map { "field \($0) \(String(repeating: "x", count: 200))" }.joined(separator: ",")
        let value = String(repeating: "é", count: 500)
        let rows = (0..<4).map { row in (0..<width).map { "\(value)\(row)\($0)" }.joined(separator: ",") }
        let report = try Analysis(header + "\n" + rows.joined(separator: "\n") + "\n").report
        #expect(report.columns.count == width)
        #expect(report.columns.allSatisfy { $0.name.count <= 130 && $0.samples.allSatisfy { $0.count <= 80 } })
        #expect(try JSONEncoder().encode(report).count < 1_500_000)
    }
}
