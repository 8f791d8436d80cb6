import ArgumentParser
import Flows
import Foundation
import JSON
import Persistence

/// A kill with flows in flight: how long until all of them run again.
struct Recovery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Time from the start of a process to all flows running again that a killed one left."
    )

    @Argument(help: "The database, as its owner.")
    var url: String
    @Option(help: "Flows in flight.")
    var flows = 1000

    func run() async throws {
        let node = try await Node(url, try Serve.registry())
        try await node.makeFlows(flows, of: "long")
        func running(_ attempt: Int) async throws {
            let sql = """
                SELECT count(*) AS n FROM signalbox.flow_steps
                WHERE name = 'long' AND status = 'running' AND attempt >= \(attempt)
                """
            while try await node.number(sql) < flows { await node.rest(10) }
        }
        let first = try serve()
        try await running(1)
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        let start = ContinuousClock.now
        let second = try serve()
        try await running(2)
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        print(
            "\(flows) flows in flight run again \(String(format: "%.2f", elapsed)) s after the next process was started"
        )
        kill(second.processIdentifier, SIGKILL)
        second.waitUntilExit()
        await node.stop()
    }

    private func serve() throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = ["serve", url]
        try process.run()
        return process
    }
}

/// A process that runs flows until it is killed.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

    @Argument var url: String

    private struct Empty: Codable, Sendable {}

    static func registry() throws -> FlowRegistry {
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Empty>("long", initial: { _ in Empty() }) { flow in
                flow.start("long") { _ in
                    try await Task.sleep(for: .seconds(3600))
                    return true
                }
            }
        )
        return registry
    }

    func run() async throws {
        let node = try await Node(url, try Self.registry())
        try await node.start()
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}
