import JSON
import JSONSupport
import Testing

struct DiffTests {
    @Test(
        arguments: [
            (["a": 1], ["a": 1], "[]"), (["a": 1], ["a": 1.0], "[]"),
            (1, 2, #"[{"op":"replace","path":"","value":2}]"#),
            (["a": 1, "b": "0123456789"], ["b": "0123456789"], #"[{"op":"remove","path":"/a"}]"#),
            (["b": "0123456789"], ["a/b": 1, "b": "0123456789"], #"[{"op":"add","path":"/a~1b","value":1}]"#),
            (
                [1, 2, 3, 4, 5, 6, 7, 8, "0123456789abcdef"], [1, 2, 3, 9, 4, 5, 6, 7, 8, "0123456789abcdef"],
                #"[{"op":"add","path":"/3","value":9}]"#
            ),
            (
                [1, 2, 3, 4, 5, 6, 7, 8, "0123456789abcdef"], [1, 2, 4, 5, 6, 7, 8, "0123456789abcdef"],
                #"[{"op":"remove","path":"/2"}]"#
            ),
            (["a": [1]], ["a": "b"], #"[{"op":"replace","path":"/a","value":"b"}]"#),
            ([1, 2, 3], [4, 5, 6], #"[{"op":"replace","path":"","value":[4,5,6]}]"#),
            (
                ["\u{E9}": "0123456789012345678901234567890"], ["e\u{301}": 1],
                #"[{"op":"replace","path":"","value":{"e\#u{301}":1}}]"#
            ),
        ] as [(JSON, JSON, String)]
    )
    func givesTheShortPatch(from: JSON, to: JSON, expected: String) {
        #expect(JSONPatch.diff(from: from, to: to).json.text == expected)
    }

    private static func record(_ id: JSON, _ text: String = "some text that is long enough to matter") -> JSON {
        ["id": id, "text": .string(text), "status": "waiting"]
    }

    @Test func recordsAreMatchedByID() throws {
        let from: JSON = ["items": .array((1...6).map { Self.record(JSON($0)) })]
        let to: JSON = [
            "items": .array([
                Self.record(6), Self.record(1), Self.record(2, "short"), Self.record(7), Self.record(4), Self.record(5),
            ])
        ]
        let patch = JSONPatch.diff(from: from, to: to)
        #expect(try patch.apply(to: from) == to)
        let kinds = patch.operations.map { $0.json["op"]?.string ?? "" }
        #expect(kinds == ["remove", "move", "add", "replace"])
        #expect(patch.operations.last?.path.text == "/items/2/text")
    }

    @Test func appendingToALogIsOneOperation() {
        let lines = (0..<500).map { JSON.string("line \($0) of the log") }
        let patch = JSONPatch.diff(from: ["log": .array(lines)], to: ["log": .array(lines + ["one more"])])
        #expect(patch.json == [["op": "add", "path": "/log/500", "value": "one more"]])
    }

    @Test func farEditsInALongArrayStaySmall() throws {
        let from = (0..<3_000).map { JSON.string("element number \($0)") }
        var to = from
        to.remove(at: 2_900)
        to.insert("new", at: 1_500)
        to[100] = "changed"
        let patch = JSONPatch.diff(from: .array(from), to: .array(to))
        #expect(patch.operations.count == 3)
        #expect(try patch.apply(to: .array(from)) == .array(to))
    }

    @Test func reversedRecordsAreReordered() throws {
        let from = JSON.array((0..<30).map { Self.record(JSON($0)) })
        let to = JSON.array((from.array ?? []).reversed())
        let patch = JSONPatch.diff(from: from, to: to)
        #expect(try patch.apply(to: from) == to)
        #expect(patch.operations.count == 29)
    }

    @Test func repeatedIDsAreNoIdentity() throws {
        let from: JSON = [Self.record("a"), Self.record("a", "x"), Self.record("b")]
        let to: JSON = [Self.record("a", "x"), Self.record("b"), Self.record("b")]
        #expect(try JSONPatch.diff(from: from, to: to).apply(to: from) == to)
    }

    @Test(arguments: [61, 62, 63, 64, 65, 66] as [UInt64])
    func applyingGivesTheOtherDocument(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for round in 0..<120 {
            let from = generator.value(depth: 5)
            let to = generator.chance(80) ? generator.changed(from) : generator.value(depth: 5)
            let patch = JSONPatch.diff(from: from, to: to)
            #expect(try patch.apply(to: from) == to, "seed \(seed), round \(round)")
            #expect(patch.isEmpty == (from == to), "seed \(seed), round \(round)")
            let reread = try JSONPatch(json: JSON.parse(patch.json.serialized()))
            #expect(reread == patch, "seed \(seed), round \(round)")
            let replacement = JSONPatch(operations: [.replace(.root, to)])
            #expect(
                patch.json.serializedSize() <= replacement.json.serializedSize(),
                "seed \(seed), round \(round)"
            )
        }
    }

    /// Arrays of few different elements, where matches are many and ambiguous.
    @Test(arguments: [71, 72, 73] as [UInt64])
    func repetitiveArraysAreMatched(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        let padding = JSON.string(String(repeating: "p", count: 2_000))
        for round in 0..<80 {
            let arrays = (0..<2).map { _ in
                (0..<Int.random(in: 0...14, using: &generator.random)).map { _ in
                    JSON(Int.random(in: 0...3, using: &generator.random))
                }
            }
            // The padding keeps the whole array dear, so that the script itself is used.
            let (from, to) = (JSON.array(arrays[0] + [padding, 8]), JSON.array(arrays[1] + [padding, 9]))
            let patch = JSONPatch.diff(from: from, to: to)
            #expect(try patch.apply(to: from) == to, "seed \(seed), round \(round)")
            #expect(patch.operations.allSatisfy { !$0.path.isRoot }, "seed \(seed), round \(round)")
        }
    }

    /// Records with identities that come, go and change places, large enough that they are never replaced whole.
    @Test(arguments: [81, 82, 83] as [UInt64])
    func reorderedRecordsAreMatched(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for round in 0..<60 {
            let lists = (0..<2).map { _ in
                Array(0..<12).shuffled(using: &generator.random)
                    .prefix(Int.random(in: 0...12, using: &generator.random))
                    .map { Self.record(JSON($0), String(repeating: "text ", count: 20)) }
            }
            let (from, to) = (JSON.array(lists[0]), JSON.array(lists[1]))
            let patch = JSONPatch.diff(from: from, to: to)
            #expect(try patch.apply(to: from) == to, "seed \(seed), round \(round)")
        }
    }
}
