import Discovery
import Testing

@Suite("Format validator")
struct FormatValidatorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let format: ValueFormat
        let text: String
        /// Nil when invalid.
        let normal: String?
        var testDescription: String { "\(format.rawValue) \(text)" }
        init(_ format: ValueFormat, _ text: String, _ normal: String?) {
            self.format = format
            self.text = text
            self.normal = normal
        }
    }

    static let cases: [Case] = [
        Case(.ipv4, "10.0.0.1", "10.0.0.1"), Case(.ipv4, "255.255.255.255", "255.255.255.255"),
        Case(.ipv4, "10.0.0.256", nil),
        Case(.ipv4, "10.0.0", nil), Case(.ipv4, "010.0.0.1", nil), Case(.ipv4, "10.0.0.1 ", nil),
        Case(.ipv4, "1.2.3.4.5", nil),
        Case(.ipv6, "2001:DB8:0:0:0:0:0:1", "2001:db8::1"), Case(.ipv6, "::", "::"), Case(.ipv6, "1::", "1::"),
        Case(.ipv6, "::ffff:192.0.2.1", "::ffff:192.0.2.1"), Case(.ipv6, "::FFFF:C000:0201", "::ffff:192.0.2.1"),
        Case(.ipv6, "fe80::1%eth0", "fe80::1%eth0"), Case(.ipv6, "fe80::1%", nil),
        Case(.ipv6, "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        Case(.ipv6, "2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), Case(.ipv6, "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        Case(.ipv6, "1::2::3", nil), Case(.ipv6, ":::", nil), Case(.ipv6, "12345::", nil),
        Case(.ipv6, "1:2:3:4:5:6:7", nil),
        Case(.ipv6, "1:2:3:4:5:6:7:8:9", nil), Case(.ipv6, "1.2.3.4::", nil), Case(.ipv6, "::1.2.3.4.5", nil),
        Case(.hostname, "srv-01", "srv-01"), Case(.hostname, "SRV01.Example.com", "srv01.example.com"),
        Case(.hostname, "-a", nil),
        Case(.hostname, "a_b", nil), Case(.hostname, "10.0.0.1", nil),
        Case(.hostname, String(repeating: "a", count: 64), nil),
        Case(.hostname, "a..b", nil), Case(.hostname, "münchen", nil),
        Case(.fqdn, "a.example.com", "a.example.com"), Case(.fqdn, "a.example.com.", "a.example.com"),
        Case(.fqdn, "a", nil),
        Case(.fqdn, "1.2.3.4", nil), Case(.fqdn, "a.xn--p1ai", "a.xn--p1ai"),
        Case(.mac, "00:1A:2b:3C:4d:5E", "00:1a:2b:3c:4d:5e"), Case(.mac, "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"),
        Case(.mac, "001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e"), Case(.mac, "001A2B3C4D5E", "00:1a:2b:3c:4d:5e"),
        Case(.mac, "00:1A:2B:3C:4D", nil), Case(.mac, "00:1A:2B:3C:4D:5G", nil), Case(.mac, "00:1A-2B:3C:4D:5E", nil),
        Case(.email, "Max.M@Example.COM", "Max.M@example.com"), Case(.email, "a+b@example.co.uk", "a+b@example.co.uk"),
        Case(.email, "a@b", nil), Case(.email, "a..b@example.com", nil), Case(.email, "@example.com", nil),
        Case(.email, "a@b@example.com", nil), Case(.email, ".a@example.com", nil),
        Case(.date, "2024-02-29", "2024-02-29"), Case(.date, "2023-02-29", nil), Case(.date, "20240305", "2024-03-05"),
        Case(.date, "05.03.2024", "2024-03-05"), Case(.date, "5.3.24", "2024-03-05"),
        Case(.date, "12/31/2023", "2023-12-31"),
        Case(.date, "31/12/2023", "2023-12-31"), Case(.date, "2024/3/5", "2024-03-05"),
        Case(.date, "12-Mar-2023", "2023-03-12"),
        Case(.date, "Mar 12, 2023", "2023-03-12"), Case(.date, "12. März 2023", "2023-03-12"),
        Case(.date, "2024-03-05T14:05:33Z", "2024-03-05T14:05:33Z"),
        Case(.date, "05.03.2024 14:05", "2024-03-05T14:05:00"),
        Case(.date, "3/25/2024 2:05 PM", "2024-03-25T14:05:00"), Case(.date, "2024-03-05T25:00", nil),
        Case(.date, "32.01.2024", nil),
        Case(.date, "10.0.0.1", nil), Case(.date, "13-13-2024", nil), Case(.date, "hello 2024", nil),
        Case(.version, "1.2.3-rc.1+build5", "1.2.3-rc.1+build5"), Case(.version, "v8.4", "8.4"),
        Case(.version, "10.0.17763", "10.0.17763"),
        Case(.version, "8", nil), Case(.version, "1..2", nil), Case(.version, "1.2.3-", nil),
        Case(.version, "1.2 beta", nil),
        Case(.uuid, "{550E8400-E29B-41D4-A716-446655440000}", "550e8400-e29b-41d4-a716-446655440000"),
        Case(.uuid, "550e8400-e29b-41d4-a716-44665544000", nil),
        Case(.uuid, "550e8400-e29b-41d4-a716-44665544000g", nil),
        Case(.integer, "+007", "7"), Case(.integer, "-12", "-12"), Case(.integer, "1.5", nil),
        Case(.integer, "1234567890123456789", nil),
        Case(.boolean, "Ja", "true"), Case(.boolean, "off", "false"), Case(.boolean, "maybe", nil),
        Case(.url, "HTTPS://Example.com:8443/Path?q=1", "https://example.com:8443/Path?q=1"),
        Case(.url, "http://[2001:db8::1]/x", "http://[2001:db8::1]/x"), Case(.url, "example.com/x", nil),
        Case(.url, "http://a:99999/", nil),
        Case(.url, "http:///x", nil), Case(.url, "http://a b/", nil),
    ]

    @Test(arguments: cases)
    func validates(_ example: Case) {
        let result = FormatValidator.validate(example.text, as: example.format)
        #expect(result.isValid == (example.normal != nil))
        #expect(result.normalised == example.normal)
        #expect((result.reason == nil) == result.isValid, "an invalid value has a reason, a valid one none")
    }

    @Test(arguments: cases)
    func classificationAgreesWithTheValidators(_ example: Case) {
        let set = ValueFormatSet(of: example.text)
        for format in set.formats {
            #expect(FormatValidator.validate(example.text, as: format).isValid, "\(format) claims \(example.text)")
        }
        if example.normal != nil, example.format != .version { #expect(set.formats.contains(example.format)) }
    }

    @Test
    func notesAmbiguousDates() {
        #expect(FormatValidator.validate("03/04/2024", as: .date).note != nil)
        #expect(FormatValidator.validate("03.04.2024", as: .date).note == nil)
        #expect(FormatValidator.validate("04/04/2024", as: .date).note == nil)
    }

    @Test(arguments: ValueFormat.allCases)
    func refusesEmptyAndHugeValues(_ format: ValueFormat) {
        #expect(!FormatValidator.validate("", as: format).isValid)
        #expect(!FormatValidator.validate(String(repeating: "1", count: 4000), as: format).isValid)
    }
}
