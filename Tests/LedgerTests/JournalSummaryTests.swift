import Domain
import JSON
import PropertySupport
import Testing

@testable import Ledger

/// What a draft knows of its journal without working it out again.
@Suite struct JournalSummaryTests {
    private static let now = Timestamp(microseconds: 1_795_431_483_120_000)

    private static func record() -> FlowRecord {
        let flow = Flow(
            id: .generate(),
            type: "test",
            title: "",
            status: .running,
            phase: nil,
            state: [:],
            metadata: [:],
            input: nil,
            graph: nil,
            seq: 0,
            epoch: "e",
            run: nil,
            createdBy: "ada",
            createdAt: now,
            updatedAt: now
        )
        return FlowRecord(flow: flow, commit: nil, steps: [], openPrompts: [])
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func itIsWhatItWouldBeAnew(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var record = Self.record()
        for _ in 0..<20 {
            var draft = FlowDraft(record, isNew: false, actor: "ada", now: Self.now)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let key = StepKey(
                    "s\(Int.random(in: 1...4, using: &generator))",
                    round: .random(in: 1...3, using: &generator)
                )
                let result =
                    Bool.random(using: &generator) ? JSON(Int.random(in: 0...1_000_000, using: &generator)) : nil
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    let name = "e\(Int.random(in: 1...3, using: &generator))"
                    draft.save(EffectRecord(step: key, name: name, kind: .run, isDone: true, result: result))
                case 1:
                    draft.emit(["type": "CUSTOM", "name": "n"])
                default:
                    let status = StepStatus.allCases.randomElement(using: &generator) ?? .done
                    draft.save(StepRecord(key, status: status, attempt: 1, result: result, startedAt: Self.now))
                }
            }
            // A write that is refused leaves no trace.
            if Bool.random(using: &generator) {
                struct Refused: Error {}
                #expect(throws: Refused.self) {
                    try draft.attempt(by: "bob", at: Self.now) { draft in
                        draft.save(
                            StepRecord(StepKey("s1"), status: .done, attempt: 9, result: "x", startedAt: Self.now)
                        )
                        throw Refused()
                    }
                }
            }
            draft.tellRest()
            _ = draft.change()
            record = draft.record(as: .generate())
            if let summary = record.summary {
                #expect(summary == JournalSummary(steps: record.steps, effects: record.effects))
            }
        }
        #expect(record.summary != nil)
    }

    @Test func flowsWithLargeResultsAreForgottenAsThoseWithLargeStates() {
        var cache = FlowCache(bytes: 200_000)
        let tenant = TenantID.generate()
        let flows = (0..<4).map { _ in
            let record = Self.record()
            let result = JSON(String(repeating: "x", count: 60_000))
            let step = StepRecord(StepKey("s"), status: .done, attempt: 1, result: result, startedAt: Self.now)
            return FlowRecord(flow: record.flow, commit: nil, steps: [step], openPrompts: [])
        }
        for flow in flows { cache.set(flow, of: tenant) }
        #expect(cache.record(of: flows[3].flow.id, of: tenant) != nil)
        #expect(cache.record(of: flows[0].flow.id, of: tenant) == nil)
    }
}
