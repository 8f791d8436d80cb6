import ArgumentParser
import Persistence
import Postgres

/// `signalbox migrate`: brings the schema up to date.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the schema of the database, or of all databases, up to date.",
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
            let placement = try Placement(loaded.settings)
            // One after the other, and all of them: one that is away keeps no other one from its migrations.
            var failure: Failure?
            for database in placement.databases {
                let prefix = placement.databases.count > 1 ? "\(database.name): " : ""
                do throws(Failure) {
                    let names = try OneShot.run(loaded.settings) { try await Self.migrate(database, dryRun, $0) }
                    let verb = dryRun ? "missing" : "applied"
                    let outcome = "\(verb): \(names.joined(separator: ", "))"
                    Console.print(prefix + (names.isEmpty ? "The schema is up to date." : outcome))
                } catch {
                    if let failure { Console.warn(failure.sentence) }
                    failure = Failure(error.code, prefix + error.sentence)
                }
            }
            if let failure { throw failure }
        }
    }

    private static func migrate(_ database: Placement.Database, _ dryRun: Bool, _ shot: OneShot) async throws
        -> [String]
    {
        let client = shot.client(database, Migrator.options)
        let names: [String]
        do {
            names = try await client.withConnection { try await Migrator($0).run(dryRun: dryRun) }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return names
    }
}
