import HTTP
import HTTPTypes
import Testing

/// What a request says about the representation it knows, and what comes of it.
struct ConditionCase: Sendable, CustomTestStringConvertible {
    let fields: [String]
    let method: String
    let outcome: ConditionOutcome

    init(_ outcome: ConditionOutcome, _ fields: String..., method: String = "GET") {
        self.fields = fields
        self.method = method
        self.outcome = outcome
    }

    var testDescription: String { "\(method) \(fields.joined(separator: ", "))" }
}

@Suite("Conditions and ranges")
struct ConditionTests {
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let after = "Sunday, 06-Nov-94 08:49:38 GMT"
    private static let now = 1_800_000_000
    private static let current = Validators(tag: EntityTag("a"), lastModified: 784_111_777)

    private func head(_ fields: [String], method: String = "GET") throws -> RequestHead {
        let lines = fields.map { "\($0)\r\n" }.joined()
        return try #require(ParserRun("\(method) / HTTP/1.1\r\nHost: a.example\r\n\(lines)\r\n").heads.first)
    }

    @Test(
        "the order of RFC 9110 §13.2.2",
        arguments: [
            ConditionCase(.holds),
            ConditionCase(.notModified, "If-None-Match: \"a\""),
            ConditionCase(.notModified, "If-None-Match: W/\"a\""),
            ConditionCase(.notModified, "If-None-Match: \"b\", \"a\""),
            ConditionCase(.notModified, "If-None-Match: *"),
            ConditionCase(.holds, "If-None-Match: \"b\""),
            ConditionCase(.notModified, "If-None-Match: \"a\"", method: "HEAD"),
            ConditionCase(.failed, "If-None-Match: \"a\"", method: "PUT"),
            ConditionCase(.failed, "If-None-Match: *", method: "PUT"),
            ConditionCase(.holds, "If-Modified-Since: \(before)"),
            ConditionCase(.notModified, "If-Modified-Since: \(same)"),
            ConditionCase(.notModified, "If-Modified-Since: \(after)"),
            ConditionCase(.holds, "If-Modified-Since: \(after)", method: "PUT"),
            ConditionCase(.holds, "If-Modified-Since: yesterday"),
            ConditionCase(.holds, "If-Modified-Since: \(same)", "If-Modified-Since: \(same)"),
            // A tag decides alone; the date beside it is for those who know no tags.
            ConditionCase(.holds, "If-None-Match: \"b\"", "If-Modified-Since: \(after)"),
            ConditionCase(.notModified, "If-None-Match: \"a\"", "If-Modified-Since: \(before)"),
            ConditionCase(.holds, "If-Match: \"a\""),
            ConditionCase(.holds, "If-Match: *"),
            ConditionCase(.failed, "If-Match: \"b\""),
            ConditionCase(.failed, "If-Match: W/\"a\""),
            ConditionCase(.failed, "If-Unmodified-Since: \(before)"),
            ConditionCase(.holds, "If-Unmodified-Since: \(same)"),
            ConditionCase(.holds, "If-Unmodified-Since: \(after)"),
            ConditionCase(.holds, "If-Unmodified-Since: tomorrow"),
            ConditionCase(.holds, "If-Match: \"a\"", "If-Unmodified-Since: \(before)"),
            ConditionCase(.failed, "If-Match: \"b\"", "If-Unmodified-Since: \(after)"),
            // What must hold is weighed before what would spare the answer.
            ConditionCase(.failed, "If-Match: \"b\"", "If-None-Match: \"a\""),
            ConditionCase(.notModified, "If-Match: \"a\"", "If-None-Match: \"a\""),
            ConditionCase(.failed, "If-Unmodified-Since: \(before)", "If-None-Match: \"a\""),
        ]
    )
    func order(_ test: ConditionCase) throws {
        let head = try head(test.fields, method: test.method)
        #expect(try head.weighConditions(Self.current, now: Self.now) == test.outcome)
    }

    @Test func withoutValidatorsOnlyAnyTagMatters() throws {
        for field in ["If-Modified-Since: \(Self.after)", "If-Unmodified-Since: \(Self.before)"] {
            #expect(try head([field]).weighConditions(Validators(), now: Self.now) == .holds)
        }
        #expect(try head(["If-Match: \"a\""]).weighConditions(Validators(), now: Self.now) == .failed)
        #expect(throws: HTTPError.malformed(.entityTag)) {
            try head(["If-None-Match: a"]).weighConditions(Self.current, now: Self.now)
        }
    }

    @Test(
        "ranges of ten bytes",
        arguments: [
            ("bytes=0-0", .parts([0..<1])), ("bytes=0-", .parts([0..<10])), ("bytes=9-", .parts([9..<10])),
            ("bytes=3-5", .parts([3..<6])), ("bytes=3-99", .parts([3..<10])), ("bytes=-1", .parts([9..<10])),
            ("bytes=-10", .parts([0..<10])), ("bytes=-99", .parts([0..<10])), ("BYTES=0-0", .parts([0..<1])),
            ("bytes=0-99999999999999999999", .parts([0..<10])), ("bytes=-99999999999999999999", .parts([0..<10])),
            ("bytes=0-0,2-2", .parts([0..<1, 2..<3])), ("bytes=5-6 , 0-1", .parts([5..<7, 0..<2])),
            ("bytes=,0-0,,", .parts([0..<1])), ("bytes=0-1,20-", .parts([0..<2])),
            ("bytes=0-1,2-3", .parts([0..<2, 2..<4])),
            ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=10-20,-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable),
            // Overlapping ones, and more than anybody needs, are not served.
            ("bytes=0-5,3-7", .whole), ("bytes=0-,0-,0-", .whole), ("bytes=0-0,-10", .whole),
            ("bytes=" + (0...16).map { "\($0)-\($0)" }.joined(separator: ","), .whole),
            // Bad grammar and other units are ignored.
            ("bytes=", .whole), ("bytes=-", .whole), ("bytes=5-3", .whole), ("bytes=a-b", .whole),
            ("bytes=0-0-0", .whole), ("bytes=+1-2", .whole), ("bytes 0-1", .whole), ("bytes=0 -1", .whole),
            ("items=0-1", .whole), ("bytes=0-0,x", .whole), ("0-1", .whole), ("bytes=\u{661}-", .whole), (nil, .whole),
        ] as [(String?, ByteRanges)]
    )
    func ranges(value: String?, expected: ByteRanges) {
        #expect(ByteRanges(value, length: 10) == expected)
        #expect(ByteRanges(value, length: 0) == .whole)
    }

    @Test(
        "If-Range: only the very representation",
        arguments: [
            ("\"a\"", true), ("\"b\"", false), ("W/\"a\"", false), (same, true), (before, false), (after, false),
            ("Sun Nov  6 08:49:37 1994", true), ("nonsense", false), ("\"a\", \"b\"", false), ("*", false),
        ]
    )
    func ifRange(value: String, isServed: Bool) throws {
        let head = try head(["Range: bytes=0-0", "If-Range: \(value)"])
        let expected: ByteRanges = isServed ? .parts([0..<1]) : .whole
        #expect(head.byteRanges(of: Self.current, length: 10, now: Self.now) == expected)
    }

    @Test func aDateOfThisSecondIsNoStrongValidator() throws {
        let head = try head(["Range: bytes=0-0", "If-Range: \(Self.same)"])
        #expect(head.byteRanges(of: Self.current, length: 10, now: 784_111_777) == .whole)
        #expect(head.byteRanges(of: Self.current, length: 10, now: 784_111_778) == .parts([0..<1]))
    }

    @Test(arguments: ["HEAD", "POST", "PUT"]) func onlyGetKnowsRanges(method: String) throws {
        let head = try head(["Range: bytes=0-0"], method: method)
        #expect(head.byteRanges(of: Self.current, length: 10, now: Self.now) == .whole)
    }
}
