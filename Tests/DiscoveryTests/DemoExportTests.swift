import Discovery
import Foundation
import Testing

@Suite("Demo export")
struct DemoExportTests {
    /// The sample lives in the repository, not in the package's resources: a package without it skips.
    @Test(.enabled(if: sampleURL() != nil, "protocol/samples/cmdb-export.csv is not beside the package"))
    func theSampleIsWhatTheGeneratorWrites() throws {
        let url = try #require(sampleURL())
        let stored = try Data(contentsOf: url)
        let bytes = DemoExport(rows: 6000, seed: 42).bytes()
        #expect(stored == Data(bytes))
        let result = try read(bytes)
        #expect(result.rows.count == 6000)
        #expect(result.columns.count == 28)
        #expect(result.encoding == .windows1252)
        #expect(result.dialect?.delimiter == .semicolon)
        #expect(result.raggedCount > 10 && result.emptyLines > 0)
    }

    @Test
    func theSeedDecidesEveryByte() {
        #expect(DemoExport(rows: 50, seed: 1).bytes() == DemoExport(rows: 50, seed: 1).bytes())
        #expect(DemoExport(rows: 50, seed: 1).bytes() != DemoExport(rows: 50, seed: 2).bytes())
    }

    @Test(arguments: CSVDialect.Delimiter.allCases, DemoExport.Encoding.allCases)
    func everyDialectHoldsTheSameRows(_ delimiter: CSVDialect.Delimiter, _ encoding: DemoExport.Encoding) throws {
        let expected = try read(DemoExport(rows: 60, seed: 9, encoding: .utf8).bytes())
        let result = try read(DemoExport(rows: 60, seed: 9, delimiter: delimiter, encoding: encoding).bytes())
        #expect(result.dialect?.delimiter == delimiter)
        #expect(result.values == expected.values)
        #expect(result.columns == expected.columns)
    }

    @Test
    func theFlowTidiesIt() throws {
        let analysis = try Analysis(DemoExport(rows: 1200, seed: 5).bytes())
        #expect(Set(analysis.mapping.unmapped) == ["Telefon", "Ticket"])
        #expect(Set(analysis.report.pii.map(\.kind)) == Set(PIIKind.allCases))
        #expect(analysis.proposal.duplicateRows > 20)
        let assets = try analysis.assets()
        #expect(assets.count == 1200 - analysis.proposal.duplicateRows)
        #expect(Set(assets.map(\.key)).count == assets.count)
        let environments = Set(assets.compactMap { $0.attributes[.environment] })
        #expect(environments == ["production", "test", "development", "quality assurance", "acceptance", "staging"])
        let accepted = analysis.proposal.groupIDs
        var builder = DiscoverySummaryBuilder()
        for asset in assets { builder.add(asset, mergedRows: asset.mergedRows.count) }
        let summary = builder.summary(
            validation: analysis.report,
            mapping: analysis.mapping,
            proposal: analysis.proposal,
            accepted: accepted
        )
        #expect(summary.assets + summary.mergedRows + summary.blankRows == summary.rows)
        #expect(summary.blankRows == 0)
        #expect(summary.mappedColumns == 26)
        #expect(summary.rejectedGroups == 0)
    }
}
