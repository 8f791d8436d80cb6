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
            let settings = loaded.settings
            Signals.prepare()
            LogOutput.start(level: settings.logLevel)
            let listening = try Listening(settings)
            let application: Application
            do {
                application = try Application(settings: settings, sockets: listening.sockets)
            } catch {
                throw Failure(error)
            }
            let log = Logger(label: "signalbox")
            try ServerRun(application: application).serve(starting: { try await application.start() }) {
                log.notice("Ready at \(listening.url)")
            }
        }
    }
}
