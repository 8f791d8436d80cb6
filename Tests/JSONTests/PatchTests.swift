import JSON
import PropertySupport
import Testing

/// RFC 6902.
struct PatchTests {
    // The vectors lie beside the repository, and not everywhere.
    @Test(.enabled(if: SharedVectors.arePresent), arguments: ["tests.json", "spec_tests.json"])
    func passesTheSharedSuite(file: String) throws {
        var text = String(decoding: try SharedVectors.bytes("jsonpatch/\(file)"), as: UTF8.self)
        // Both files have one patch with two members "op" (RFC 6902 A.13), which the parser refuses already.
        let duplicate = file == "tests.json" ? #""op": "move", "from":"/foo" } ],"# : #", "op": "remove" }"#
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        guard case .duplicateKey("op", _)? = error else {
            Issue.record("expected a duplicate \"op\", got \(String(describing: error))")
            return
        }
        text = text.replacing(duplicate, with: file == "tests.json" ? #""from":"/foo" } ],"# : " }")
        var applied = 0
        let records = try JSON.parse(text).array ?? []
        for (number, record) in records.enumerated() {
            guard let patch = record["patch"], record["disabled"]?.bool != true else { continue }
            let document = try #require(record["doc"])
            let comment = "\(file) \(number): \(record["comment"]?.string ?? "")"
            applied += 1
            if let expected = record["expected"] {
                #expect(try JSONPatch(json: patch).apply(to: document) == expected, "\(comment)")
            } else if record["error"] != nil {
                #expect(throws: JSONPatchError.self, "\(comment)") { try JSONPatch(json: patch).apply(to: document) }
            } else {
                #expect(throws: Never.self, "\(comment)") { try JSONPatch(json: patch).apply(to: document) }
            }
        }
        #expect(applied > (file == "tests.json" ? 80 : 15))
    }

    @Test(
        arguments: [
            ("{}", nil, "", JSONPatchError.Reason.notAnArray), ("[1]", 0, "", .notAnObject),
            (#"[{"path":"/a"}]"#, 0, "/a", .missingMember("op")),
            (#"[{"op":"add","value":1}]"#, 0, "", .missingMember("path")),
            (#"[{"op":"test","path":""},{"op":"spam","path":"/b"}]"#, 0, "", .missingMember("value")),
            (#"[{"op":"remove","path":"/a"},{"op":"spam","path":"/b"}]"#, 1, "/b", .unknownOperation("spam")),
            (#"[{"op":"copy","path":"/b"}]"#, 0, "/b", .missingMember("from")),
            (#"[{"op":"add","path":"b","value":1}]"#, 0, "b", .invalidPointer(member: "path", .missingSlash)),
            (
                #"[{"op":"move","path":"/b","from":"/~"}]"#, 0, "/b",
                .invalidPointer(member: "from", .invalidEscape(offset: 1))
            ),
        ] as [(String, Int?, String, JSONPatchError.Reason)]
    )
    func refusesDocument(text: String, index: Int?, pointer: String, reason: JSONPatchError.Reason) throws {
        let document = try JSON.parse(text)
        #expect(throws: JSONPatchError(index: index, pointer: pointer, reason: reason)) {
            try JSONPatch(json: document)
        }
    }

    @Test(
        arguments: [
            (
                #"[{"op":"add","path":"/n","value":1},{"op":"remove","path":"/zz"}]"#, 1, "/zz",
                JSONPatchError.Reason.notFound
            ),
            (#"[{"op":"add","path":"/list/4","value":1}]"#, 0, "/list/4", .indexOutOfRange(4, count: 3)),
            (#"[{"op":"replace","path":"/list/3","value":1}]"#, 0, "/list/3", .indexOutOfRange(3, count: 3)),
            (#"[{"op":"remove","path":"/list/-"}]"#, 0, "/list/-", .invalidIndex("-")),
            (#"[{"op":"add","path":"/list/01","value":1}]"#, 0, "/list/01", .invalidIndex("01")),
            (#"[{"op":"add","path":"/text/a","value":1}]"#, 0, "/text/a", .notAContainer),
            (#"[{"op":"add","path":"/zz/a","value":1}]"#, 0, "/zz/a", .notFound),
            (#"[{"op":"replace","path":"/zz","value":1}]"#, 0, "/zz", .notFound),
            (#"[{"op":"remove","path":""}]"#, 0, "", .rootRemoved),
            (#"[{"op":"move","from":"/list","path":"/list/0"}]"#, 0, "/list/0", .movedIntoItself),
            (#"[{"op":"move","from":"/zz","path":"/list/0"}]"#, 0, "/zz", .notFound),
            (#"[{"op":"copy","from":"/list/7","path":"/list/0"}]"#, 0, "/list/7", .notFound),
            (#"[{"op":"test","path":"/text","value":"y"}]"#, 0, "/text", .testFailed),
            (#"[{"op":"test","path":"/zz","value":null}]"#, 0, "/zz", .notFound),
        ] as [(String, Int, String, JSONPatchError.Reason)]
    )
    func failsAndNamesTheOperation(text: String, index: Int, pointer: String, reason: JSONPatchError.Reason) throws {
        let document: JSON = ["list": [1, 2, 3], "text": "x"]
        let patch = try JSONPatch(json: JSON.parse(text))
        let error = JSONPatchError(index: index, pointer: pointer, reason: reason)
        #expect(throws: error) { try patch.apply(to: document) }
        #expect(document == ["list": [1, 2, 3], "text": "x"])
        #expect(error.description.hasPrefix("Operation \(index) at \"\(pointer)\": "))
    }

    @Test(arguments: [
        (#"[{"op":"test","path":"/a","value":1.0}]"#), (#"[{"op":"test","path":"","value":{"b":[{}],"a":1}}]"#),
        (#"[{"op":"move","from":"/a","path":"/a"},{"op":"test","path":"/a","value":1}]"#),
        (#"[{"op":"move","from":"/a","path":"/b/-"},{"op":"test","path":"/b/1","value":1}]"#),
        (#"[{"op":"copy","from":"","path":"/c"},{"op":"test","path":"/c/b/0","value":{}}]"#),
        (#"[{"op":"add","path":"/b/1","value":2,"x":[]},{"op":"test","path":"/b/1","value":2}]"#),
        (#"[{"op":"add","path":"/-","value":2},{"op":"test","path":"/-","value":2}]"#),
    ])
    func succeeds(text: String) throws {
        let document: JSON = ["a": 1, "b": [[:]]]
        let patch = try JSONPatch(json: JSON.parse(text))
        #expect(throws: Never.self) { try patch.apply(to: document) }
        #expect(try JSONPatch(json: patch.json) == patch)
    }

    @Test func copiesCannotExplode() throws {
        let doubling = JSONPatch.Operation.copy(from: JSONPointer(tokens: ["a"]), to: JSONPointer(tokens: ["a", "-"]))
        let patch = JSONPatch(operations: Array(repeating: doubling, count: 100))
        let error = #expect(throws: JSONPatchError.self) { try patch.apply(to: ["a": ["x"]]) }
        let reason = try #require(error?.reason)
        #expect(reason == .tooLarge(limit: JSONLimits.default.maxBytes) || reason == .tooDeep(limit: 128))
        let wide = JSONPatch(
            operations: (0..<100).map {
                .copy(from: JSONPointer(tokens: ["a"]), to: JSONPointer(tokens: ["b", "\($0)"]))
            }
        )
        let text = JSON.string(String(repeating: "x", count: 1 << 20))
        #expect(throws: JSONPatchError(index: 15, pointer: "/b/15", reason: .tooLarge(limit: 16 << 20))) {
            try wide.apply(to: ["a": text, "b": [:]])
        }
    }

    @Test func resultsCannotNestBeyondTheLimit() throws {
        let limits = JSONLimits(maxDepth: 3)
        let patch = JSONPatch(operations: [.add(JSONPointer(tokens: ["a", "b"]), [1])])
        #expect(try patch.apply(to: ["a": [:]], limits: limits) == ["a": ["b": [1]]])
        let deeper = JSONPatch(operations: [.add(JSONPointer(tokens: ["a", "b"]), [[1]])])
        #expect(throws: JSONPatchError(index: 0, pointer: "/a/b", reason: .tooDeep(limit: 3))) {
            try deeper.apply(to: ["a": [:]], limits: limits)
        }
        let move = JSONPatch(operations: [
            .move(from: JSONPointer(tokens: ["b"]), to: JSONPointer(tokens: ["a", "c", "d"]))
        ])
        #expect(throws: JSONPatchError(index: 0, pointer: "/a/c/d", reason: .tooDeep(limit: 3))) {
            try move.apply(to: ["a": ["c": [:]], "b": [1]], limits: limits)
        }
    }

    @Test func setAddsWithoutAnIndex() throws {
        var value: JSON = ["a": [1]]
        try value.set(2, at: JSONPointer(tokens: ["a", "-"]))
        try value.set(0, at: JSONPointer(tokens: ["a", "0"]))
        try value.set("x", at: JSONPointer(tokens: ["b"]))
        #expect(value == ["a": [0, 1, 2], "b": "x"])
        let error = JSONPatchError(index: nil, pointer: "/c/d", reason: .notFound)
        #expect(throws: error) { try value.set(1, at: JSONPointer(tokens: ["c", "d"])) }
        #expect(value == ["a": [0, 1, 2], "b": "x"])
        try value.set(.null, at: .root)
        #expect(value == .null)
    }

    @Test func prefixingMovesEveryPointer() throws {
        let patch = try JSONPatch(
            json: [
                ["op": "add", "path": "/a", "value": 1], ["op": "copy", "from": "/a", "path": "/b"],
                ["op": "move", "from": "/b", "path": "/c"], ["op": "replace", "path": "/c", "value": 2],
                ["op": "test", "path": "/c", "value": 2], ["op": "remove", "path": "/c"],
            ]
        )
        let prefixed = patch.prefixed(by: JSONPointer(tokens: ["state", "x/y"]))
        let expected = try patch.apply(to: ["k": 0])
        #expect(try prefixed.apply(to: ["state": ["x/y": ["k": 0]]]) == ["state": ["x/y": expected]])
    }

    /// RFC 7396 appendix A.
    @Test(
        arguments: [
            (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": .null], [:]),
            (["a": "b", "b": "c"], ["a": .null], ["b": "c"]), (["a": ["b"]], ["a": "c"], ["a": "c"]),
            (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": .null]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]), (["a", "b"], ["c", "d"], ["c", "d"]),
            (["a": "b"], ["c"], ["c"]),
            (["a": "foo"], .null, .null), (["a": "foo"], "bar", "bar"), (["e": .null], ["a": 1], ["e": .null, "a": 1]),
            ([1, 2], ["a": "b", "c": .null], ["a": "b"]), ([:], ["a": ["bb": ["ccc": .null]]], ["a": ["bb": [:]]]),
        ] as [(JSON, JSON, JSON)]
    )
    func mergePatchMerges(original: JSON, patch: JSON, result: JSON) {
        #expect(MergePatch.apply(patch, to: original) == result)
    }
}
