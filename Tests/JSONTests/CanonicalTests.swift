import JSON
import JSONSupport
import Testing

/// RFC 8785 and the digest built on it.
struct CanonicalTests {
    /// RFC 8785 appendix B.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)]
    )
    func numbersAreLaidOutLikeECMAScript(bits: UInt64, expected: String) throws {
        let value = try #require(JSON(Double(bitPattern: bits)))
        #expect(String(decoding: value.canonical(), as: UTF8.self) == expected)
    }

    /// RFC 8785 §3.2.2, §3.2.3 and §3.2.4.
    @Test(arguments: [
        (
            #"""
            {"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
             "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}
            """#,
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
                + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        ),
        (
            #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#,
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                + "\"😀\":\"Emoji: Grinning Face\",\"\u{FB33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        ),
        (#"{"b":{"z":1,"a":[{"y":1,"x":2}]},"a":-0}"#, #"{"a":0,"b":{"a":[{"x":2,"y":1}],"z":1}}"#),
        (#"{"aa":1,"a":2,"":3,"A":4}"#, #"{"":3,"A":4,"a":2,"aa":1}"#),
    ])
    func documentsTakeTheCanonicalForm(text: String, expected: String) throws {
        #expect(String(decoding: try JSON.parse(text).canonical(), as: UTF8.self) == expected)
    }

    /// Whole numbers no double holds are outside RFC 8785; two of them must not share a digest.
    @Test func wholeNumbersKeepTheirDigits() throws {
        let near = try ["9007199254740992", "9007199254740993", "18446744073709551615", "18446744073709551616"]
            .map { try JSON.parse($0) }
        #expect(near.map { String(decoding: $0.canonical(), as: UTF8.self) } == near.map(\.text))
        #expect(Set(near.map(\.digest)).count == near.count)
    }

    /// The vectors of the SipHash authors: key 00…0f, input 00, 01, …
    @Test(
        arguments: [
            (0, 0x726F_DB47_DD0E_0E31), (1, 0x74F8_39C5_93DC_67FD), (2, 0x0D6C_8009_D9A9_4F5A),
            (3, 0x8567_6696_D7FB_7E2D),
            (4, 0xCF27_94E0_2771_87B7), (5, 0x1876_5564_CD99_A68D), (6, 0xCBC9_466E_58FE_E3CE),
            (7, 0xAB02_00F5_8B01_D137),
            (8, 0x93F5_F579_9A93_2462), (9, 0x9E00_82DF_0BA9_E4B0), (15, 0xA129_CA61_49BE_45E5),
        ] as [(Int, UInt64)]
    )
    func sipHashMatchesItsAuthors(length: Int, expected: UInt64) {
        let input = (0..<length).map { UInt8($0) }
        #expect(SipHash.hash(input, key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)) == expected)
    }

    @Test func digestIgnoresOrderAndSpelling() throws {
        let left = try JSON.parse(#"{"a":1.0,"b":"\u00e9"}"#)
        let right = try JSON.parse(#"{ "b":"é", "a":1 }"#)
        #expect(left.digest == right.digest)
        #expect(left.digest != (try JSON.parse(#"{"a":1,"b":"e"}"#)).digest)
        let digest = left.digest
        #expect(digest.utf8.count == 16 && digest.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }

    @Test(arguments: [31, 32, 33] as [UInt64])
    func canonicalFormIsStable(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<100 {
            let value = generator.value()
            let canonical = value.canonical()
            #expect(try JSON.parse(canonical).canonical() == canonical, "seed \(seed)")
            #expect(reversed(value).canonical() == canonical, "seed \(seed)")
        }
    }

    private func reversed(_ value: JSON) -> JSON {
        switch value {
        case .object(let object): .object(JSONObject(object.reversed().map { ($0.key, reversed($0.value)) }))
        case .array(let elements): .array(elements.map(reversed))
        default: value
        }
    }
}
