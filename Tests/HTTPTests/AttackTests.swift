import HTTP
import HTTPTypes
import PropertySupport
import Testing

@Suite("Attacks on the request parser")
struct AttackTests {
    private static let seed: UInt64 = 0xA77A_C4ED

    static let cases =
        AttackCase.framing + AttackCase.chunks + AttackCase.fields + AttackCase.targets + AttackCase.pipelines

    @Test("one outcome: whole, byte by byte and at seeded random cuts", arguments: cases)
    func outcome(_ attack: AttackCase) {
        let whole = ParserRun(attack.bytes)
        #expect(whole.attackOutcome == attack.outcome)
        #expect(ParserRun(attack.bytes, cuts: Array(1..<attack.bytes.count)) == whole, "byte by byte")
        var generator = SeededGenerator(seed: Self.seed)
        for _ in 0..<20 {
            let cuts = generator.cuts(below: attack.bytes.count, limit: 8)
            #expect(ParserRun(attack.bytes, cuts: cuts) == whole, "cut at \(cuts), seed \(Self.seed)")
        }
    }

    @Test func theTableIsAsLongAsPromisedAndNamesEachCaseOnce() {
        #expect(Self.cases.count >= 100)
        #expect(Set(Self.cases.map(\.name)).count == Self.cases.count)
    }
}

extension ParserRun {
    fileprivate var attackOutcome: AttackCase.Outcome {
        if let error { return .refused(error.suggestedStatus.code, after: completed) }
        return isIdle || isFinished ? .read(completed) : .waiting(after: completed)
    }
}
