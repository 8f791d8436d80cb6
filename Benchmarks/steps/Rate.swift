import ArgumentParser
import Flows
import Foundation
import JSON
import Ledger
import Locking

/// Empty steps through the journal: each one's result is committed before the next begins.
struct Rate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate",
        abstract: "Empty steps per second, on one node."
    )

    @Argument(help: "The database, as its owner.")
    var url: String
    @Option(help: "Flows at once.")
    var flows = 500
    @Option(help: "Steps of each flow, one after the other.")
    var steps = 40

    private struct Empty: Codable, Sendable {}

    func run() async throws {
        let times = Times()
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Empty>("chain", initial: { _ in Empty() }) { flow in
                var last = flow.start("step 1") { _ in
                    times.begun(nil)
                    return times.ended()
                }
                for number in 2...max(2, steps) {
                    last = flow.listen("step \(number)", to: last) { _, before in
                        times.begun(before)
                        return times.ended()
                    }
                }
            }
        )
        let node = try await Node(url, registry)
        try await node.makeFlows(flows, of: "chain")
        try await node.analyze()
        let commits = node.ledger.counters[.committed]
        let total = flows * max(2, steps)
        let start = ContinuousClock.now
        try await node.start()
        while times.count < total { await node.rest(5) }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let made = node.ledger.counters[.committed] - commits
        let (median, tail) = times.quantiles
        print(
            "\(flows) flows of \(max(2, steps)) steps: \(Int(Double(total) / elapsed)) steps/s,",
            "\(String(format: "%.3f", Double(made) / Double(total))) commits a step;",
            "from the end of a step to the begin of the next p50 \(median) ms, p99 \(tail) ms"
        )
        await node.stop()
    }
}

/// When bodies end and begin.
private final class Times: Sendable {
    private let start = ContinuousClock.now
    private let waits = Mutex<[Double]>([])
    private let begins = Atomic(0)

    var count: Int { begins.load(ordering: .relaxed) }

    /// A body begins, behind one that ended then (in microseconds).
    func begun(_ before: Int?) {
        begins.add(1, ordering: .relaxed)
        guard let before else { return }
        waits.withLock { $0.append(Double(now - before) / 1000) }
    }

    func ended() -> Int { now }

    private var now: Int { Int((ContinuousClock.now - start) / .microseconds(1)) }

    var quantiles: (String, String) {
        let sorted = waits.withLock { $0.sorted() }
        guard !sorted.isEmpty else { return ("-", "-") }
        func at(_ share: Double) -> String {
            String(format: "%.1f", sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
        }
        return (at(0.5), at(0.99))
    }
}
