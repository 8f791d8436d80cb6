// soak: what must hold, for as many random cases as there is patience for. A failing case prints the seed that replays it.

import ArgumentParser
import FlowsModel
import JSON
import JSONSupport
import StreamsModel

@main
struct Soak: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks what must hold for random cases. The seed of a case that fails replays it.",
        subcommands: [CheckJSON.self, CheckFlows.self, CheckStreams.self, PrintVectors.self]
    )
}

/// How many cases, and which.
struct CaseOptions: ParsableArguments {
    @Option(help: "How many cases of each property.")
    var cases: UInt64 = 100_000

    @Option(help: "The seed of the first case; the others count up from it.")
    var seed: UInt64 = 1
}

struct CheckJSON: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "json",
        abstract: "Documents, patches and their texts."
    )

    @OptionGroup var options: CaseOptions

    func run() throws {
        for property in JSONProperty.allCases {
            let start = ContinuousClock.now
            for offset in 0..<options.cases { try property.check(seed: options.seed &+ offset) }
            print("\(property.rawValue): \(options.cases) cases hold, \(ContinuousClock.now - start)")
        }
    }
}

struct CheckFlows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "Random flows, run by processes that die and stall, compared with what they come to without."
    )

    @Option(help: "How many flows.")
    var cases: UInt64 = 10_000

    @Option(help: "The seed of the first flow; the others count up from it.")
    var seed: UInt64 = 1

    func run() throws {
        let start = ContinuousClock.now
        var (deaths, repetitions) = (0, 0)
        for offset in 0..<cases {
            do {
                let report = try Simulation.check(seed: seed &+ offset)
                deaths += report.deaths
                repetitions += report.repetitions
            } catch {
                throw ValidationError("seed \(seed &+ offset): \(error)")
            }
        }
        print(
            "\(cases) flows come to the same through \(deaths) deaths, \(ContinuousClock.now - start);",
            "\(repetitions) effects were repeated under their keys, none that the journal had"
        )
    }
}

struct PrintVectors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors",
        abstract: "Prints what the server makes of random documents, as vectors for clients to agree with."
    )

    @OptionGroup var options: CaseOptions

    func run() throws {
        var vectors: [JSON] = []
        for offset in 0..<options.cases { vectors += try JSONVectors.vectors(seed: options.seed &+ offset) }
        print(JSON.array(vectors).text)
    }
}

struct CheckStreams: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams",
        abstract: "Streams of two processes with simulated sockets, in an order that the seed decides."
    )

    @Option(help: "How many steps in all.")
    var steps = 1_000_000

    @Option(help: "How many steps in a run; each has a seed of its own, and ends at rest.")
    var stepsPerRun = 2_500

    @Option(help: "The seed of the first run; the others count up from it.")
    var seed: UInt64 = 1

    func run() throws {
        let start = ContinuousClock.now
        var sum = StreamsModel.Tally()
        for offset in 0..<UInt64(max(steps / stepsPerRun, 1)) {
            var model = StreamsModel(seed: seed &+ offset)
            sum += try model.run(steps: stepsPerRun)
        }
        print("\(steps) steps hold, \(ContinuousClock.now - start): \(sum)")
    }
}
