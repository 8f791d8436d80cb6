import ArgumentParser
import Foundation
import Identity
import Persistence
import Postgres

/// `signalbox dev`: everything at once, for a try or for development.
struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Serve with a private database and demo logins.",
        discussion: """
            Starts a private Postgres 15 in the data folder (a Unix socket, no TCP), creates two demo tenants with one \
            user for each role, and serves the page. Address and logins are printed and kept in dev.json in the data \
            folder. Ctrl-C stops all of it; the next start goes on where this one ended.
            """
    )

    @OptionGroup(title: "Settings") var options: SettingOptions

    func run() throws {
        try Console.reportingFailure {
            var loaded = try options.load(aliases: LoadedConfiguration.dataFolderAliases + [("PORT", .port)])
            if loaded.settings.databaseURL != nil {
                Console.warn("warning: database_url is ignored: dev starts a database of its own.")
            }
            if loaded.settings.tenantDatabases != nil {
                Console.warn("warning: tenant_databases is ignored: dev has one database.")
                loaded.settings.tenantDatabases = nil
            }
            try DevCluster.checkBinaries()
            Signals.prepare()
            LogOutput.start(level: loaded.settings.logLevel)
            let folder = try DataFolder(loaded.settings.dataDirectory)
            DescriptorBudget.apply(to: &loaded.settings, databases: 1)
            let listening = try Listening(loaded.settings)
            let secret = try folder.text(DevFile.jwtSecretFile) { RandomText.make(48) }
            loaded.settings.jwtSecret = loaded.settings.jwtSecret ?? secret

            let account = try ServiceAccount.needed()
            let cluster = DevCluster(
                location: try ClusterLocation.prepare(in: folder, account: account),
                account: account,
                connections: Application.workerCount(loaded.settings) * (loaded.settings.databaseConnections + 1)
            )
            guard let running = try cluster.start() else { return }
            let url = cluster.location.databaseURL
            loaded.settings.databaseURL = url
            try serve(loaded.settings, listening, running, in: folder)
        }
    }

    private func serve(
        _ settings: Settings,
        _ listening: Listening,
        _ cluster: RunningCluster,
        in folder: borrowing DataFolder
    ) throws(Failure) {
        let logins: DevFile
        let application: Application
        do {
            try folder.write(Data(((settings.databaseURL ?? "") + "\n").utf8), to: DevFile.databaseURLFile)
            logins = DevFile(url: listening.url, keeping: try DevFile.read(in: folder))
            // Before the users are stored: a password must never be in the database only.
            try logins.write(to: folder)
            application = try Application(
                settings: settings,
                placement: try Placement(settings),
                listening: listening
            )
        } catch {
            cluster.stop()
            throw Failure(error)
        }
        let file = folder.file(DevFile.name)
        try ServerRun(application: application, manager: listening.manager, cluster: cluster).serve(
            starting: { try await Self.start(application, logins) },
            announcing: {
                Console.print(
                    """
                    Signalbox \(Signalbox.version) is ready at \(logins.url)

                    \(logins.summary)

                    The logins are kept in \(file). Ctrl-C stops everything.
                    """
                )
            }
        )
    }

    /// Brings the database up to date as its owner, demo users included, then starts the server on it: whoever finds it
    /// ready can sign in.
    private static func start(_ application: Application, _ logins: DevFile) async throws {
        let owner = PostgresClient(
            try PostgresConfiguration(application.settings.databaseURL ?? ""),
            options: Migrator.options,
            workers: application.workers,
            blockingPool: application.pool
        )
        try await owner.withConnection { session in _ = try await Migrator(session).run() }
        try await DemoTenants(
            owner: TenantAdministration(owner),
            store: PostgresStore(owner),
            hasher: PasswordHasher(parameters: try PasswordHasher.Parameters(), pool: application.pool)
        ).provision(logins)
        await owner.close()
        try await application.start()
    }
}
