import Domain
import JSON
import JSONSupport
import PropertySupport
import Testing

@testable import Relay

struct RelayMessageTests {
    private static func arbitrary(_ seed: UInt64) -> RelayMessage {
        var random = SeededGenerator(seed: seed)
        var documents = DocumentGenerator(seed: seed)
        let hasFlow = Bool.random(using: &random)
        func positions(_ limit: Int) -> [Int64] {
            (0..<Int.random(in: 0...limit, using: &random)).map { _ in Int64.random(in: 1...Int64.max, using: &random) }
                .sorted()
        }
        func optional(_ json: JSON) -> JSON? { [nil, .null, json].randomElement(using: &random) ?? nil }
        func changes() -> [ViewChange] {
            Set(positions(5)).sorted().map {
                ViewChange(
                    seq: $0,
                    item: "\u{0}\"\n\\ü\(seed)",
                    before: optional(documents.value()),
                    after: optional(documents.value())
                )
            }
        }
        return RelayMessage(
            node: .random(in: .min ... .max, using: &random),
            committed: Committed(
                tenant: .generate(),
                flow: hasFlow ? .generate() : nil,
                epoch: hasFlow ? "e\"\(seed)" : "",
                events: hasFlow
                    ? Set(positions(8)).sorted().map {
                        FlowEvent(
                            seq: $0,
                            event: documents.value(),
                            patch: optional(documents.value()),
                            digest: Bool.random(using: &random) ? "0123456789abcdef" : nil
                        )
                    } : [],
                flows: changes(),
                prompts: changes()
            )
        )
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func whatIsWrittenIsReadAgain(seed: UInt64) throws {
        let message = Self.arbitrary(seed)
        let bytes = try #require(message.encoded())
        #expect(try RelayMessage(bytes) == message, "seed \(seed)")
        #expect(try RelayMessage.sender(of: bytes) == message.node)
    }

    /// A part of a message is never another message.
    @Test func whatIsCutOffIsRefused() throws {
        let bytes = try #require(Self.arbitrary(7).encoded())
        for count in 0..<bytes.count {
            #expect(throws: RelayError.self) { try RelayMessage(Array(bytes[..<count])) }
        }
    }

    @Test(arguments: 1...500 as ClosedRange<UInt64>)
    func bytesThatChangedEndNothing(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bytes = try #require(Self.arbitrary(seed).encoded())
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
        }
        // Either is well: a commit, or a refusal.
        _ = try? RelayMessage(bytes)
    }

    private static let tenant = "01890a5d-ac96-774b-bcce-b302099a8057"

    @Test(arguments: [
        ("", RelayError.malformed("head")),
        ("hello", .malformed("head")),
        ("1 5", .malformed("head")),
        ("1 x\n{}", .malformed("head")),
        ("1 99999999999999999999\n{}", .malformed("head")),
        ("1 5 6\n{}", .malformed("head")),
        ("2 5\n{}", .unknownVersion),
        ("\n{}", .unknownVersion),
        ("1 5\n{}", .malformed("tenant")),
        ("1 5\n[]", .malformed("tenant")),
        (#"1 5\#n{"tenant":7}"#, .malformed("tenant")),
        (#"1 5\#n{"tenant":"\#(tenant)","flow":"x","epoch":"e"}"#, .malformed("flow")),
        (#"1 5\#n{"tenant":"\#(tenant)","flow":"\#(tenant)"}"#, .malformed("epoch")),
        (#"1 5\#n{"tenant":"\#(tenant)","flow":"\#(tenant)","epoch":""}"#, .malformed("epoch")),
        (#"1 5\#n{"tenant":"\#(tenant)","events":7}"#, .malformed("events")),
        (#"1 5\#n{"tenant":"\#(tenant)","events":[{"seq":1,"event":{}}]}"#, .malformed("flow")),
        (#"1 5\#n{"tenant":"\#(tenant)","events":[{"seq":1}]}"#, .malformed("events")),
        (#"1 5\#n{"tenant":"\#(tenant)","events":[{"seq":1,"event":{},"digest":7}]}"#, .malformed("events")),
        (#"1 5\#n{"tenant":"\#(tenant)","flows":[{"seq":"1","item":"a"}]}"#, .malformed("flows")),
        (#"1 5\#n{"tenant":"\#(tenant)","flows":[{"seq":0,"item":"a"}]}"#, .malformed("seq")),
        (#"1 5\#n{"tenant":"\#(tenant)","prompts":[{"seq":2,"item":"a"},{"seq":2,"item":"b"}]}"#, .malformed("seq")),
        (#"1 5\#n{"tenant":"\#(tenant)","prompts":[{"seq":1}]}"#, .malformed("prompts")),
    ])
    func whatIsNoMessageIsNamed(text: String, error: RelayError) {
        #expect(throws: error) { try RelayMessage(Array(text.utf8)) }
    }

    @Test func theLargestMessageIsSentAndOneMoreByteIsNot() throws {
        func message(_ count: Int) -> RelayMessage {
            RelayMessage(
                node: 1,
                committed: Committed(
                    tenant: .generate(),
                    flow: .generate(),
                    epoch: "e",
                    events: [
                        FlowEvent(seq: 1, event: JSON(String(repeating: "a", count: count)), patch: nil, digest: nil)
                    ]
                )
            )
        }
        let head = try #require(message(0).encoded()).count
        let largest = message(RelayMessage.limit - head)
        let bytes = try #require(largest.encoded())
        #expect(bytes.count == RelayMessage.limit)
        #expect(try RelayMessage(bytes) == largest)
        #expect(message(RelayMessage.limit - head + 1).encoded() == nil)
        #expect(throws: RelayError.tooLarge(bytes: bytes.count + 1, limit: RelayMessage.limit)) {
            try RelayMessage(bytes + [UInt8(ascii: " ")])
        }
    }

    @Test func nestingWithoutAnEndIsRefused() {
        let text = "1 5\n{\"tenant\":" + String(repeating: "[", count: 100_000)
        #expect(throws: RelayError.self) { try RelayMessage(Array(text.utf8)) }
    }
}
