import StreamsModel
import Testing

/// Some runs of the model; `make soak` runs a million steps.
struct ModelTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func everyClientHoldsTheServersDocument(seed: UInt64) throws {
        var model = StreamsModel(seed: seed)
        let tally = try model.run(steps: 5_000)
        // A run in which nothing happened would prove nothing.
        #expect(tally.messages > 100 && tally.resumed > 0 && tally.begun > 0)
    }
}
