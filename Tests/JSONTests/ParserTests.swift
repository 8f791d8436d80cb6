import Foundation
import JSON
import JSONSupport
import PropertySupport
import Testing

struct ParserTests {
    @Test(
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-1", -1), ("[]", []), ("{}", [:]),
            ("[1,2 , 3]", [1, 2, 3]), ("{\"a\":{\"b\":[null]}}", ["a": ["b": [.null]]]), ("\"\"", ""),
            ("\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "é😀/\u{8}\u{C}\n\r\t\"\\"),
            ("\"\\u0000\"", "\u{0}"),
            ("1.5", 1.5), ("1e3", 1000), ("\"0123456789abcdef\u{7F}\"", "0123456789abcdef\u{7F}"),
        ] as [(String, JSON)]
    )
    func acceptsValue(text: String, expected: JSON) throws {
        #expect(try JSON.parse(text) == expected)
    }

    @Test(
        arguments: [
            ("", JSONError.unexpectedEnd(offset: 0)), ("  ", .unexpectedEnd(offset: 2)),
            ("[", .unexpectedEnd(offset: 1)),
            ("[1,]", .unexpectedByte(0x5D, offset: 3)), ("[1 2]", .unexpectedByte(0x32, offset: 3)),
            ("{\"a\" 1}", .unexpectedByte(0x31, offset: 5)), ("{a:1}", .unexpectedByte(0x61, offset: 1)),
            ("nul", .unexpectedEnd(offset: 3)), ("nulx", .unexpectedByte(0x78, offset: 3)),
            ("1 2", .trailingContent(offset: 2)), ("[01]", .invalidNumber(offset: 1)), ("-", .unexpectedEnd(offset: 1)),
            ("1.x", .invalidNumber(offset: 0)), ("1e+", .unexpectedEnd(offset: 3)), ("-a", .invalidNumber(offset: 0)),
            ("1e9999999999", .numberOutOfRange(offset: 0)), ("\"abc", .unexpectedEnd(offset: 4)),
            ("\"\\x\"", .invalidEscape(offset: 1)), ("\"\\u12G4\"", .invalidEscape(offset: 1)),
            ("\"a\\ud800\"", .loneSurrogate(offset: 2)), ("\"\\udc00\"", .loneSurrogate(offset: 1)),
            ("\"\\ud800\\u0041\"", .loneSurrogate(offset: 1)),
            ("\"12345678\u{1}\"", .unescapedControlCharacter(1, offset: 9)),
            ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey("a", offset: 13)),
            ("{\"a\":1,\"\\u0061\":3}", .duplicateKey("a", offset: 7)), ("\u{FEFF}1", .unexpectedByte(0xEF, offset: 0)),
        ] as [(String, JSONError)]
    )
    func refusesText(text: String, expected: JSONError) {
        #expect(throws: expected) { try JSON.parse(text) }
        #expect(expected.description.hasSuffix("at byte \(expected.offset)."))
    }

    @Test(
        arguments: [
            ([0x80], 1), ([0xC3], 1), ([0xC0, 0x80], 1), ([0xED, 0xA0, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 1),
            ([0x61, 0xC3, 0xA9, 0xFF], 4), ([0xE2, 0x82], 1), ([0x5C, 0x6E, 0xC3, 0x28], 3),
            ([0xF0, 0x8F, 0x80, 0x80], 1),
        ] as [([UInt8], Int)]
    )
    func refusesInvalidUTF8(contents: [UInt8], offset: Int) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError.invalidUTF8(offset: offset)) { try JSON.parse([quote] + contents + [quote]) }
    }

    @Test func namesThatDifferOnlyInNormalisationAreDifferent() throws {
        let value = try JSON.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
    }

    @Test func everyOffsetOfAStopByteIsFound() throws {
        for length in 0..<40 {
            let filler = String(repeating: "x", count: length)
            #expect(try JSON.parse("\"\(filler)\\n\(filler)é\"") == JSON.string("\(filler)\n\(filler)é"))
            #expect(throws: JSONError.unescapedControlCharacter(0x1F, offset: length + 1)) {
                try JSON.parse("\"\(filler)\u{1F}\(filler)\"")
            }
        }
    }

    @Test func everyTruncationIsRefusedAtItsEnd() {
        let text = Array("{\"a\":[1.5e3,-2,\"x\\u00e9\",true,false,null,{\"b\":{}}]}".utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.unexpectedEnd(offset: length)) { try JSON.parse(Array(text[..<length])) }
        }
    }

    @Test func limitsHold() {
        let tight = JSONLimits(maxDepth: 2, maxBytes: 60, maxStringBytes: 4, maxNumberBytes: 32, maxValues: 5)
        #expect(throws: Never.self) { try JSON.parse("[[\"abcd\",1,2]]", limits: tight) }
        #expect(throws: JSONError.tooDeep(limit: 2, offset: 2)) { try JSON.parse("[[[]]]", limits: tight) }
        #expect(throws: JSONError.stringTooLong(limit: 4, offset: 1)) { try JSON.parse("\"abcde\"", limits: tight) }
        #expect(throws: JSONError.stringTooLong(limit: 4, offset: 1)) { try JSON.parse("\"\\u0041\"", limits: tight) }
        #expect(throws: JSONError.tooManyValues(limit: 5, offset: 9)) { try JSON.parse("[1,2,3,4,5]", limits: tight) }
        let long = String(repeating: "1", count: 33)
        #expect(throws: JSONError.numberTooLong(limit: 32, offset: 0)) { try JSON.parse(long, limits: tight) }
        let text = String(repeating: " ", count: 61)
        #expect(throws: JSONError.tooManyBytes(limit: 60, offset: 60)) { try JSON.parse(text, limits: tight) }
    }

    @Test func deepestNestingIsBoundedWhateverTheLimit() {
        let limits = JSONLimits(maxDepth: .max)
        let deep = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON.parse(deep(JSONLimits.hardMaxDepth), limits: limits) }
        #expect(throws: JSONError.tooDeep(limit: 512, offset: 512)) { try JSON.parse(deep(513), limits: limits) }
    }

    @Test func everyOverloadAgrees() throws {
        let text = "[1,\"é\"]"
        let bytes = Array(text.utf8)
        let expected: JSON = [1, "é"]
        #expect(try JSON.parse(bytes) == expected)
        #expect(try JSON.parse(bytes.span) == expected)
        #expect(try bytes.withUnsafeBytes { try JSON.parse($0) } == expected)
        #expect(throws: JSONError.unexpectedEnd(offset: 0)) { try JSON.parse([]) }
    }

    // The vectors lie beside the repository, and not everywhere.
    @Test(.enabled(if: SharedVectors.arePresent))
    func passesTheParsingTestSuite() throws {
        let folder = "json/test_parsing"
        let accepted = try SharedVectors.names(in: folder, prefix: "y_")
        let refused = try SharedVectors.names(in: folder, prefix: "n_")
        #expect(accepted.count > 80 && refused.count > 150)
        // The suite has two files with duplicate names, which this parser refuses on purpose.
        let duplicates: Set = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
        for name in accepted {
            let bytes = try SharedVectors.bytes("\(folder)/\(name)")
            if duplicates.contains(name) {
                #expect(throws: JSONError.duplicateKey("a", offset: 9), "\(name)") { try JSON.parse(bytes) }
            } else {
                let value = try JSON.parse(bytes)
                #expect(try JSON.parse(value.serialized()) == value, "\(name)")
            }
        }
        for name in refused {
            let bytes = try SharedVectors.bytes("\(folder)/\(name)")
            let error = #expect(throws: JSONError.self, "\(name)") { try JSON.parse(bytes) }
            #expect((0...bytes.count).contains(error?.offset ?? -1), "\(name)")
        }
    }

    /// What RFC 8259 leaves open, decided: numbers of any size are kept, anything that is not clean UTF-8 is refused.
    @Test(.enabled(if: SharedVectors.arePresent))
    func decidesTheOpenCasesOfTheParsingTestSuite() throws {
        let folder = "json/test_parsing"
        let kept: Set = [
            "i_number_double_huge_neg_exp.json", "i_number_neg_int_huge_exp.json",
            "i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
            "i_number_real_underflow.json", "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
            "i_number_very_big_negative_int.json",
        ]
        var seen: Set<String> = []
        for name in try SharedVectors.names(in: folder, prefix: "i_") {
            let bytes = try SharedVectors.bytes("\(folder)/\(name)")
            if (try? JSON.parse(bytes)) != nil { seen.insert(name) }
        }
        #expect(seen == kept)
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func damagedTextNeverTraps(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<150 {
            var bytes = generator.value().serialized()
            for _ in 0..<Int.random(in: 1...3, using: &generator.random) where !bytes.isEmpty {
                let index = bytes.indices.randomElement(using: &generator.random) ?? 0
                bytes[index] = UInt8.random(in: 0...255, using: &generator.random)
            }
            do {
                let value = try JSON.parse(bytes)
                #expect(try JSON.parse(value.serialized()) == value, "seed \(seed)")
            } catch {
                #expect((0...bytes.count).contains(error.offset), "seed \(seed)")
            }
        }
    }
}
