import Domain
import Testing

@Suite struct IdentifierTests {
    private struct Counter: RandomNumberGenerator {
        var value: UInt64
        mutating func next() -> UInt64 {
            value &+= 0x9E37_79B9_7F4A_7C15
            return value
        }
    }

    @Test func isAVersion7UUIDOfItsTime() throws {
        // RFC 9562, appendix A.6: 017F22E2-79B0-7… is 2022-02-22T19:22:22.000Z.
        var random = Counter(value: 1)
        let time = try #require(Timestamp(rfc3339: "2022-02-22T19:22:22Z"))
        let text = FlowID.generate(at: time, using: &random).text
        #expect(text.hasPrefix("017f22e2-79b0-7"))
        #expect(["8", "9", "a", "b"].contains(Array(text)[19]))
    }

    @Test func isOrderedByCreation() {
        var random = Counter(value: 7)
        let times = (0..<100).map { Timestamp(microseconds: 1_700_000_000_000_000 + $0 * 1000) }
        let ids = times.map { PromptID.generate(at: $0, using: &random) }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.text) == ids.map(\.text).sorted())
    }

    @Test func textRoundTripsInEitherCase() throws {
        let id = FlowID.generate()
        #expect(FlowID(id.text) == id)
        #expect(FlowID(id.text.uppercased()) == id)
    }

    @Test(arguments: [
        "", "017f22e2-79b0-7000-8000-00000000000", "017f22e2-79b0-7000-8000-0000000000000",
        "017f22e279b0-7000-8000-0000000000000", "017f22e2-79b0-7000-8000-00000000000g",
        "017f22e2079b0-7000-8000-000000000000", "{017f22e2-79b0-7000-8000-000000000000}",
    ])
    func refusesWhatIsNoUUID(_ text: String) {
        #expect(FlowID(text) == nil)
    }
}
