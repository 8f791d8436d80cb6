import Discovery
import Testing

@Suite("PII scanner")
struct PIIScannerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let column: String
        let kinds: [PIIKind]
        let masked: String?
        var testDescription: String { "\(column): \(text)" }
        init(_ text: String, _ kinds: [PIIKind], _ masked: String? = nil, column: String = "") {
            self.text = text
            self.column = column
            self.kinds = kinds
            self.masked = masked
        }
    }

    static let cases: [Case] = [
        Case("write to max.mueller@example.com.", [.email], "write to m***@e***.com."),
        Case("4111 1111 1111 1111", [.paymentCard], "**** **** **** 1111"), Case("4111-1111-1111-1111", [.paymentCard]),
        Case("4111 1111 1111 1112", []), Case("378282246310005", [.paymentCard]), Case("1234567812345670", []),
        Case("card 5500000000000004 of team", [.paymentCard], "card ************0004 of team"),
        Case("DE89 3704 0044 0532 0130 00", [.iban]), Case("DE89370400440532013000", [.iban], "******************3000"),
        Case("DE88370400440532013000", []), Case("GB82WEST12345698765432", [.iban]), Case("XX89370400440532013000", []),
        Case("SSN 219-09-9999", [.usSSN], "SSN ***-**-9999"), Case("000-12-3456", []), Case("666-12-3456", []),
        Case("219-00-9999", []),
        Case("+49 30 1234567", [.phone], "+** ** *****67"), Case("(030) 123456-78", [.phone]),
        Case("0170/1234567", [.phone]),
        Case("212-555-0123", [.phone]), Case("call +1 212 555 0123 now", [.phone]), Case("0301234567", []),
        Case("0301234567", [.phone], column: "Telefon"), Case("30123456", [.phone], column: "phone_number"),
        Case("10.20.30.40", []), Case("00-11-22-33-44-55", []), Case("01/02/2023", []), Case("2023-01-02 10:00:00", []),
        Case("INV-0012345678", []), Case("8.10.1234567", []), Case("PowerEdge R640", []),
        Case("Jörg Müller", [.personName], "J*** M***", column: "Verantwortlicher"),
        Case("Müller, Jörg", [.personName], "M***, J***", column: "asset_owner"),
        Case("Jörg Müller", [], column: "Standort"),
        Case("Network Team", [], column: "owner"), Case("Müller", [.personName], column: "Nachname"), Case("", []),
        Case("@", []),
    ]

    @Test(arguments: cases)
    func finds(_ example: Case) {
        let hint = PIIColumnHint(columnName: example.column)
        #expect(PIIScanner().scan(example.text, hint: hint).map(\.kind) == example.kinds)
        let masked = PIIScanner().masked(example.text, hint: hint)
        if let expected = example.masked { #expect(masked == expected) }
        #expect((masked == example.text) == example.kinds.isEmpty)
    }

    @Test
    func findsSeveralInOneText() {
        let text = "Karte 4111 1111 1111 1111, Konto DE89 3704 0044 0532 0130 00, a@example.com, +49 40 5550123"
        let matches = PIIScanner().scan(text)
        #expect(matches.map(\.kind) == [.paymentCard, .iban, .email, .phone])
        for (left, right) in zip(matches, matches.dropFirst()) {
            #expect(left.range.upperBound <= right.range.lowerBound)
        }
    }

    @Test
    func findingsNeverHoldARawValue() throws {
        let analysis = try Analysis(
            "host,owner,owner email,note\nsrv1,Anna Schmidt,anna.schmidt@example.com,4111111111111111\nsrv2,Peter Vogel,p@example.org,ok\n"
        )
        let findings = analysis.report.pii
        #expect(findings.map(\.kind) == [.personName, .email, .paymentCard])
        #expect(findings.map(\.count) == [2, 2, 1])
        for raw in ["Schmidt", "anna.schmidt", "411111", "Vogel"] {
            #expect(!"\(findings)\(analysis.report.columns)\(analysis.mapping)\(analysis.proposal)".contains(raw))
        }
    }
}
