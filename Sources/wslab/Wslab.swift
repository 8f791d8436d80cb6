// wslab: the transport alone, for conformance suites and benchmarks. No database, no identity, no product.

import ArgumentParser
import Server

@main
struct Wslab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wslab",
        abstract: "Signalbox's transport alone, for conformance suites and benchmarks.",
        discussion: """
            Over plain HTTP, /echo and every other path take any method and answer 200 with the content they were sent.
            SIGTERM and Ctrl-C close the connections and end it.
            """,
        subcommands: [Echo.self, Publish.self]
    )

    struct Echo: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends every WebSocket message back, on any path."
        )
        @OptionGroup var options: ServeOptions

        func run() throws { try LabServer(options).run { _, _, channel in EchoSession(channel) } }
    }

    struct Publish: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One topic: a socket on /sub joins it, each message sent to /pub goes to all that did.",
            discussion: "A subscriber that lets more than the write budget wait is closed with 1013. /echo echoes."
        )
        @OptionGroup var options: ServeOptions

        func run() throws {
            let server = try LabServer(options)
            let topic = server.topic
            try server.run { worker, path, channel in
                switch path {
                case "/sub": Subscriber(channel, topic.local(worker))
                case "/pub": Publisher(channel, topic.local(worker))
                case "/echo": EchoSession(channel)
                default: nil
                }
            }
        }
    }
}
