import Domain
import Glibc
import PropertySupport
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-23T10:58:03.120Z", 1_795_431_483_120_000),
            ("2026-11-23T11:58:03.12+01:00", 1_795_431_483_120_000),
            ("2026-11-23t05:28:03.120000z", 1_795_411_683_120_000),
            ("1969-12-31T23:59:59.5Z", -500_000),
            ("2024-02-29T12:00:00-00:30", 1_709_209_800_000_000),
        ] as [(String, Int64)]
    )
    func parses(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T10:58:03", "2026-13-23T10:58:03Z", "2026-11-23T24:00:00Z",
        "2026-02-29T10:58:03Z", "2026-04-31T10:58:03Z", "2026-11-23T10:58:03.Z", "2026-11-23T10:58:03Zx",
        "2026-11-23T10:58:03+1:00", "20261123T105803Z",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func formatsWhatItParses() throws {
        for text in ["2026-11-23T10:58:03.120Z", "1969-12-31T23:59:59.500Z", "2000-02-29T00:00:00.000Z"] {
            #expect(try #require(Timestamp(rfc3339: text)).rfc3339 == text)
        }
    }

    /// The C library knows the calendar, too.
    @Test func formatsAsTheCalendarSays() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let time = Timestamp(
                microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator)
            )
            var (seconds, parts) = (time_t(time.seconds), tm())
            gmtime_r(&seconds, &parts)
            var text = [CChar](repeating: 0, count: 32)
            strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
            let expected = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            // strftime does not fill a year up.
            #expect(time.rfc3339.dropLast(5).hasSuffix(expected))
            #expect(
                Timestamp(rfc3339: time.rfc3339)?.milliseconds
                    == Timestamp(
                        microseconds: time.seconds * 1_000_000 + (time.microseconds - time.seconds * 1_000_000) / 1000
                            * 1000
                    ).milliseconds
            )
        }
    }

    @Test func namesNoYearBeyondFourDigits() {
        #expect(Timestamp(microseconds: .max).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(microseconds: .min).rfc3339 == "0000-01-01T00:00:00.000Z")
    }
}
