import JSON
import Testing

struct FoldTests {
    @Test(
        arguments: [
            // What is overwritten is left out.
            (
                #"[{"op":"replace","path":"/a","value":1}]"#, #"[{"op":"replace","path":"/a","value":2}]"#,
                #"[{"op":"replace","path":"/a","value":2}]"#
            ),
            (
                #"[{"op":"add","path":"/a","value":1}]"#, #"[{"op":"replace","path":"/a","value":2}]"#,
                #"[{"op":"add","path":"/a","value":2}]"#
            ),
            (
                #"[{"op":"replace","path":"/a/b/c","value":1}]"#, #"[{"op":"replace","path":"/a","value":{}}]"#,
                #"[{"op":"replace","path":"/a","value":{}}]"#
            ),
            (
                #"[{"op":"replace","path":"/a/b","value":1}]"#, #"[{"op":"remove","path":"/a"}]"#,
                #"[{"op":"remove","path":"/a"}]"#
            ),
            (
                #"[{"op":"remove","path":"/a"}]"#, #"[{"op":"add","path":"/a","value":1}]"#,
                #"[{"op":"replace","path":"/a","value":1}]"#
            ),
            (
                #"[{"op":"replace","path":"/a","value":1}]"#, #"[{"op":"replace","path":"","value":{}}]"#,
                #"[{"op":"replace","path":"","value":{}}]"#
            ),
            // Whether the member was there before is not known, so that it is made sure that it is gone.
            (
                #"[{"op":"add","path":"/a","value":1}]"#, #"[{"op":"remove","path":"/a"}]"#,
                #"[{"op":"add","path":"/a","value":null},{"op":"remove","path":"/a"}]"#
            ),
            // What changes inside a value that came is changed there.
            (
                #"[{"op":"add","path":"/a","value":{"b":[1]}}]"#, #"[{"op":"add","path":"/a/b/0","value":0}]"#,
                #"[{"op":"add","path":"/a","value":{"b":[0,1]}}]"#
            ),
            (
                #"[{"op":"add","path":"/log/7","value":{"text":"a"}}]"#,
                #"[{"op":"replace","path":"/log/7/text","value":"ab"}]"#,
                #"[{"op":"add","path":"/log/7","value":{"text":"ab"}}]"#
            ),
            (
                #"[{"op":"add","path":"/a","value":{"b":1}}]"#, #"[{"op":"move","from":"/a/b","path":"/a/c"}]"#,
                #"[{"op":"add","path":"/a","value":{"c":1}}]"#
            ),
            // Elements that enter or leave shift the others: nothing passes them.
            (
                #"[{"op":"replace","path":"/l/1","value":1},{"op":"add","path":"/l/0","value":0}]"#,
                #"[{"op":"replace","path":"/l/1","value":2}]"#,
                #"[{"op":"replace","path":"/l/1","value":1},{"op":"add","path":"/l/0","value":0},{"op":"replace","path":"/l/1","value":2}]"#
            ),
            (
                #"[{"op":"replace","path":"/l/1","value":1}]"#, #"[{"op":"remove","path":"/l/1"}]"#,
                #"[{"op":"remove","path":"/l/1"}]"#
            ),
            (
                #"[{"op":"add","path":"/l/-","value":1}]"#, #"[{"op":"add","path":"/l/-","value":2}]"#,
                #"[{"op":"add","path":"/l/-","value":1},{"op":"add","path":"/l/-","value":2}]"#
            ),
            // What depends on another place keeps its turn.
            (
                #"[{"op":"replace","path":"/a","value":1},{"op":"copy","from":"/a","path":"/b"}]"#,
                #"[{"op":"replace","path":"/a","value":2}]"#,
                #"[{"op":"replace","path":"/a","value":1},{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/a","value":2}]"#
            ),
            // The patches are known to have passed their tests.
            (
                #"[{"op":"test","path":"/a","value":0},{"op":"replace","path":"/a","value":1}]"#,
                #"[{"op":"test","path":"/a","value":1}]"#, #"[{"op":"replace","path":"/a","value":1}]"#
            ),
            // Names are bytes: composed and decomposed are two members.
            (
                "[{\"op\":\"replace\",\"path\":\"/\u{E9}\",\"value\":1}]",
                "[{\"op\":\"replace\",\"path\":\"/e\u{301}\",\"value\":2}]",
                "[{\"op\":\"replace\",\"path\":\"/\u{E9}\",\"value\":1},{\"op\":\"replace\",\"path\":\"/e\u{301}\",\"value\":2}]"
            ),
        ] as [(String, String, String)]
    )
    func becomesOnePatch(first: String, second: String, expected: String) throws {
        let patches = try [first, second].map { try JSONPatch(json: JSON.parse($0)) }
        #expect(try patches[0].folded(with: patches[1]).json.text == expected)
    }

    @Test(
        arguments: [
            (
                #"[{"op":"remove","path":"/a"}]"#,
                #"[{"op":"test","path":"/a","value":1},{"op":"remove","path":"/a"}]"#, 1
            ),
            (#"[{"op":"remove","path":"/a"}]"#, #"[{"op":"replace","path":"/a/b","value":1}]"#, 0),
            (#"[{"op":"replace","path":"/a","value":1}]"#, #"[{"op":"add","path":"/a/b","value":1}]"#, 0),
            (#"[{"op":"replace","path":"/a","value":{}}]"#, #"[{"op":"move","from":"/a/b","path":"/a/c"}]"#, 0),
        ] as [(String, String, Int)]
    )
    func refusesWhatCannotFollow(first: String, second: String, index: Int) throws {
        let patches = try [first, second].map { try JSONPatch(json: JSON.parse($0)) }
        let error = try #require(throws: JSONPatchError.self) { try patches[0].folded(with: patches[1]) }
        #expect(error.index == index)
    }

    @Test func aCounterThatRunsStaysOneOperation() throws {
        let patches = (1...500).map { JSONPatch(operations: [.replace(JSONPointer(tokens: ["progress"]), JSON($0))]) }
        let folded = try JSONPatch.folding(patches)
        #expect(folded.json == [["op": "replace", "path": "/progress", "value": 500]])
    }
}
