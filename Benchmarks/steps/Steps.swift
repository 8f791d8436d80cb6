// steps: what the flow engine costs, on a database that writes to disk for every commit.

import ArgumentParser

@main
struct Steps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the flow engine: steps through the journal, flows that wait, and what comes after a kill.",
        subcommands: [Rate.self, Waiting.self, Recovery.self, Serve.self]
    )
}
