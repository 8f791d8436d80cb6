import JSON
import PropertySupport
import Testing

/// RFC 6901.
struct PointerTests {
    static let document: JSON = [
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8,
    ]

    /// RFC 6901 §5.
    @Test(
        arguments: [
            ("", PointerTests.document), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1),
            ("/c%d", 2),
            ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ] as [(String, JSON)]
    )
    func leadsToTheValue(text: String, expected: JSON) throws {
        let pointer = try JSONPointer(text)
        #expect(Self.document[pointer: pointer] == expected)
        #expect(pointer.text == text)
        #expect(JSONPointer(tokens: pointer.tokens) == pointer)
    }

    @Test(arguments: [
        "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/1e0", "/foo/+1", "/foo/ 1", "/foo/-1", "/nope", "/foo/0/x",
        "//",
        "/foo/18446744073709551616", "/foo/9223372036854775807", "/foo/", "/foo/١",
    ])
    func leadsNowhere(text: String) throws {
        #expect(Self.document[pointer: try JSONPointer(text)] == nil)
    }

    @Test(
        arguments: [
            ("foo", JSONPointerError.missingSlash), ("#/a", .missingSlash), ("/m~n", .invalidEscape(offset: 2)),
            ("/m~2n", .invalidEscape(offset: 2)), ("/é~", .invalidEscape(offset: 3)),
            ("/~~0", .invalidEscape(offset: 1)),
        ] as [(String, JSONPointerError)]
    )
    func refusesText(text: String, expected: JSONPointerError) {
        #expect(throws: expected) { try JSONPointer(text) }
    }

    @Test func escapesInTheRightOrder() throws {
        #expect(try JSONPointer("/~01").tokens == ["~1"])
        #expect(JSONPointer(tokens: ["~1", "/~"]).text == "/~01/~1~0")
        #expect(JSONPointer.root.appending("a/b").appending(3).text == "/a~1b/3")
        #expect(JSONPointer(tokens: ["a"]).isPrefix(of: JSONPointer(tokens: ["a", "b"])))
        #expect(!JSONPointer(tokens: ["a"]).isPrefix(of: JSONPointer(tokens: ["ab"])))
        #expect(JSONPointer(tokens: ["\u{E9}"]) != JSONPointer(tokens: ["e\u{301}"]))
    }

    // The vectors lie beside the repository, and not everywhere.
    @Test(.enabled(if: SharedVectors.arePresent))
    func agreesWithTheSharedVectors() throws {
        let vectors = try JSON.parse(SharedVectors.bytes("jsonpatch/rfc6901_section5.json"))
        let document = try #require(vectors["document"])
        for vector in try #require(vectors["pointers"]?.array) {
            let text = try #require(vector["pointer"]?.string)
            #expect(document[pointer: try JSONPointer(text)] == vector["value"], "\(text)")
        }
        for vector in try #require(vectors["must_fail"]?.array) {
            let text = try #require(vector.string)
            let pointer = try? JSONPointer(text)
            #expect(pointer.flatMap { document[pointer: $0] } == nil, "\(text)")
        }
    }
}
