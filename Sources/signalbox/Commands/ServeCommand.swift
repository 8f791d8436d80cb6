import ArgumentParser
import Logging

/// `signalbox serve`: the server against a database that is there.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve against a given database.",
        discussion: "Needs database_url and jwt_secret; run `signalbox migrate` first."
    )

    @OptionGroup(title: "Settings") var options: SettingOptions

    func run() throws {
        try Console.reportingFailure {
            let loaded = try options.load()
            try loaded.require([.databaseURL, .jwtSecret])
            var settings = loaded.settings
            Signals.prepare()
            LogOutput.start(level: settings.logLevel)
            let placement = try Placement(settings)
            DescriptorBudget.apply(to: &settings, databases: placement.databases.count)
            let listening = try Listening(settings)
            let application: Application
            do {
                application = try Application(settings: settings, placement: placement, listening: listening)
            } catch {
                throw Failure(error)
            }
            let log = Logger(label: "signalbox")
            let run = ServerRun(application: application, manager: listening.manager)
            try run.serve(starting: { try await application.start() }) {
                log.notice("Ready at \(listening.url)")
            }
        }
    }
}
