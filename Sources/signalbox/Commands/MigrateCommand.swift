import ArgumentParser
import Persistence
import Postgres

/// `signalbox migrate`: brings the schema up to date.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date.",
        discussion: """
            Run it as the database's owner before a new version is started; `signalbox dev` does it by itself. The server \
            then works as the role \(DatabaseNames.applicationRole), which owns nothing.
            """
    )

    @Flag(help: "Only show which migrations are missing.") var dryRun = false
    @OptionGroup(title: "Settings") var options: SettingOptions

    func run() throws {
        try Console.reportingFailure {
            var loaded = try options.load(aliases: LoadedConfiguration.dataFolderAliases)
            loaded.fillFromDataFolder()
            try loaded.require([.databaseURL])
            let dryRun = dryRun
            let names = try OneShot.run(loaded.settings) { shot in
                let client = try shot.client(Migrator.options)
                let names = try await client.withConnection { try await Migrator($0).run(dryRun: dryRun) }
                await client.close()
                return names
            }
            let verb = dryRun ? "missing" : "applied"
            Console.print(names.isEmpty ? "The schema is up to date." : "\(verb): \(names.joined(separator: ", "))")
        }
    }
}
