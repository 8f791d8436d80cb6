import JSON
import JSONSupport
import PropertySupport
import Testing

/// Names that are taken from the object before must be those that stand in the text.
struct KeyTraceTests {
    @Test(arguments: [
        (#"[{"a":1,"b":2},{"a":1,"a":2}]"#, 22), (#"[{"a":1,"b":2},{"b":1,"b":2}]"#, 22),
        (#"[{"a":1,"b":2},{"a":1,"b":2,"a":3}]"#, 28), (#"[{"a":{"a":1}},{"a":{"a":1,"\u0061":2}}]"#, 27),
    ])
    func repeatedNamesAreRefused(text: String, offset: Int) throws {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        guard case .duplicateKey(_, offset) = error else {
            Issue.record("expected a repeated name at byte \(offset), got \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        #"[{"id":1},{"i":1},{"ide":1},{"id":1}]"#, #"[{"":1},{"":2}]"#, #"[{"a\"":1},{"a\"":1},{"a":1}]"#,
        #"[{"longer than eight":1},{"longer than eighty":1},{"longer than eight":1}]"#,
        #"{"a":{"x":1},"b":{"y":1},"c":[{"x":1},[{"x":2}],{"x":3}]}"#, #"[{"é":1},{"é":2},{"e":3}]"#,
    ])
    func likeNamesAreKeptApart(text: String) throws {
        #expect(try JSON.parse(text).text == text)
    }

    @Test func textThatEndsInANameIsRefused() throws {
        let text = #"[{"identity":1},{"identity":1}]"#
        for length in 0..<text.utf8.count {
            #expect(throws: JSONError.self, "\(length) bytes") { try JSON.parse(Array(text.utf8.prefix(length))) }
        }
    }

    /// Records with names left out, swapped and added, at more places and with more names than a trace has room for: in a
    /// list they are what each of them is alone.
    @Test(arguments: [91, 92, 93] as [UInt64])
    func recordsOfAListAreLikeEachAlone(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for round in 0..<6 {
            let names = (0..<Int.random(in: 1...24, using: &generator.random)).map { "name\($0 * 7 % 10)\($0)" }
            let records = (0..<12).map { _ in Self.record(names, depth: 2, &generator) }
            let list = "[" + records.joined(separator: ",") + "]"
            let expected = try records.map { try JSON.parse($0).text }
            #expect(
                try JSON.parse(list).text == "[" + expected.joined(separator: ",") + "]",
                "seed \(seed), round \(round)"
            )
        }
    }

    private static func record(_ names: [String], depth: Int, _ generator: inout DocumentGenerator) -> String {
        var chosen = names.filter { _ in generator.chance(90) }
        if generator.chance(20) { chosen.shuffle(using: &generator.random) }
        let members = chosen.map { name in
            let isObject = depth > 0 && generator.chance(30)
            return "\"\(name)\":" + (isObject ? record(names, depth: depth - 1, &generator) : "\(name.count)")
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
