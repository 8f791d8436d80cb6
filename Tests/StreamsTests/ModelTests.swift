import StreamsModel
import Testing

/// Some runs of the model; `make soak` runs a million steps.
struct ModelTests {
    @Test func everyClientHoldsTheServersDocument() throws {
        var tally = StreamsModel.Tally()
        for seed in 1...4 as ClosedRange<UInt64> {
            var model = StreamsModel(seed: seed)
            tally += try model.run(steps: 5_000)
        }
        // Runs in which nothing happened would prove nothing. One alone may be such a one: sets are walked in another order in
        // each process.
        #expect(tally.messages > 400 && tally.resumed > 0 && tally.begun > 0)
    }
}
