import ArgumentParser
import Domain
import Flows
import Foundation
import JSON

/// Flows that wait for people: what they cost while nothing happens.
struct Waiting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiting",
        abstract: "Memory and database load of flows that wait for people."
    )

    @Argument(help: "The database, as its owner.")
    var url: String
    @Option(help: "Flows.")
    var flows = 10_000
    @Option(help: "Seconds of rest that are watched.")
    var seconds = 10

    private struct Empty: Codable, Sendable {}

    func run() async throws {
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Empty>("waiting", initial: { _ in Empty() }) { flow in
                flow.start("ask") { context in
                    let draft = PromptDraft(
                        kind: .confirmation,
                        title: "Go on?",
                        message: "",
                        shown: [:],
                        allowed: [.approve]
                    )
                    return try await context.ask("it", draft).verb
                }
            }
        )
        let node = try await Node(url, registry)
        let before = residentBytes()
        try await node.start()
        let start = ContinuousClock.now
        try await node.makeFlows(flows, of: "waiting")
        let waiting = "SELECT count(*) AS n FROM signalbox.flows WHERE type = 'waiting' AND status = 'waiting'"
        while try await node.number(waiting) < flows {
            await node.rest(100)
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        try await node.endAutovacuum()
        // A backend tells what it counted ten seconds after it fell idle (PostgreSQL's PGSTAT_IDLE_INTERVAL).
        await node.rest(15_000)
        let transactions =
            "SELECT sum(xact_commit + xact_rollback)::bigint AS n FROM pg_stat_database WHERE datname = current_database()"
        let first = try await node.number(transactions)
        await node.rest(seconds * 1000)
        let rate = Double(try await node.number(transactions) - first) / Double(seconds)
        let held = node.engine.counters.running
        print(
            "\(flows) flows wait, made in \(String(format: "%.1f", elapsed)) s:",
            "\((residentBytes() - before) >> 20) MB more of memory in all (states of the last ones are kept to be written",
            "again), \(held) flows held, \(String(format: "%.1f", rate)) transactions/s at rest"
        )
        await node.stop()
    }

    /// The resident set, in bytes (`proc(5)`).
    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
