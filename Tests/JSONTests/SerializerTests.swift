import JSON
import JSONSupport
import Testing

struct SerializerTests {
    @Test(
        arguments: [
            (JSON.null, "null"), (true, "true"), (false, "false"), ([], "[]"), ([:], "{}"),
            (["b": 1, "a": [.null]], #"{"b":1,"a":[null]}"#),
            ("é😀/\u{7F}", "\"é😀/\u{7F}\""), ("\u{0}\u{8}\t\n\u{C}\r\u{1F}\"\\", #""\u0000\b\t\n\f\r\u001f\"\\""#),
            (1.5, "1.5"), (-0.25, "-0.25"), (JSON(Int.min), "-9223372036854775808"), (1e100, "1e+100"),
            (0.00001, "0.00001"),
        ] as [(JSON, String)]
    )
    func writesCompactText(value: JSON, expected: String) {
        #expect(value.text == expected)
        #expect(value.serializedSize() == expected.utf8.count)
    }

    @Test func appendsToTheBufferOfTheCaller() {
        var bytes = Array("data: ".utf8)
        let value: JSON = ["a": 1]
        value.serialize(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "data: {\"a\":1}")
    }

    @Test func escapesAreFoundAtEveryOffset() {
        for length in 0..<20 {
            let filler = String(repeating: "x", count: length)
            #expect(JSON.string("\(filler)\"\(filler)").text == "\"\(filler)\\\"\(filler)\"")
        }
    }

    @Test(arguments: [41, 42, 43, 44] as [UInt64])
    func parsingGivesTheValueBack(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<150 {
            let value = generator.value()
            let bytes = value.serialized()
            let parsed = try JSON.parse(bytes)
            #expect(parsed == value, "seed \(seed)")
            #expect(parsed.hashValue == value.hashValue, "seed \(seed)")
            #expect(parsed.serialized() == bytes, "seed \(seed)")
            #expect(value.serializedSize() == bytes.count, "seed \(seed)")
        }
    }

    @Test func sizeStopsCountingAtTheLimit() {
        var value: JSON = "0123456789"
        // Shared sixty times over, the text would be beyond any memory.
        for _ in 0..<60 { value = [value, value] }
        #expect(value.serializedSize(upTo: 1_000) > 1_000)
    }
}
