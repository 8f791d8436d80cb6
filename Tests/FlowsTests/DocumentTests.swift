import Domain
import FlowSupport
import Foundation
import JSON
import Locking
import TestSupport
import Testing

@testable import Flows

/// What docs/FLOWS.md says, done.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct DocumentTests {
    @Test func theExampleIsTheOneThatIsCompiledHere() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appending(path: "DocumentedFlow.swift"), encoding: .utf8)
        let document = try String(contentsOf: here.appending(path: "../../docs/FLOWS.md"), encoding: .utf8)
        #expect(document.contains("```swift\n\(example)```\n"))
    }

    @Test(arguments: [(Verb.approve, "paid", 1), (.reject, "refused", 0)])
    func theExampleRuns(_ verb: Verb, _ outcome: String, _ transfers: Int) async throws {
        var registry = FlowRegistry()
        try ExpenseClaim.register(in: &registry)
        let bench = try await FlowBench.of(registry)
        let flow = try await bench.start("expense-claim", input: ["amount": 21, "purpose": "taxi"])
        let prompt = try await bench.prompt("confirm", of: flow.id)
        #expect(prompt.draft.title == "Pay 21 €?")
        try await bench.decide(prompt, verb)
        let done = try await bench.wait(for: .succeeded, .failed, of: flow.id)
        #expect(done.state == ["amount": 21, "purpose": "taxi", "outcome": JSON(outcome)])
        #expect(Bank.transfers(of: flow.id) == transfers)
        await bench.stop()
    }

    @Test func theExampleRefusesNothing() async throws {
        var registry = FlowRegistry()
        try ExpenseClaim.register(in: &registry)
        let bench = try await FlowBench.of(registry)
        let failed = try await bench.wait(for: .failed, of: try await bench.start("expense-claim").id)
        #expect(try await bench.steps(failed.id).map(\.error) == ["There is nothing to pay."])
        await bench.stop()
    }
}

/// The bank of the example: it knows what it was asked once.
struct Bank: Sendable {
    private static let keys = Mutex<Set<String>>([])

    func transfer(_ amount: Int, once key: String) async throws -> String {
        _ = Bank.keys.withLock { $0.insert(key) }
        return "transfer of \(amount)"
    }

    static func transfers(of flow: FlowID) -> Int {
        keys.withLock { keys in keys.count { $0.hasPrefix("\(flow)/") } }
    }
}

/// An error of the example, which another attempt would meet again.
struct Refusal: LastingError, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
