import ArgumentParser
import Domain
import Persistence
import Postgres

/// `signalbox tenant`: where tenants live, and how they get somewhere else.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Show where a tenant lives, and move it to another database.",
        discussion: """
            To move a tenant: `move` it, change its place in the file of tenant_databases, have all nodes read that (SIGHUP), \
            `thaw` it, and `purge` what is left where it lived. It takes no changes from `move` to `thaw`; reading goes on. \
            Each command can be run again after it failed. Run them as the owner of the databases; docs/DATABASE.md has more.
            """,
        subcommands: [Show.self, Move.self, Thaw.self, Purge.self]
    )

    /// Names the tenant; shared by all of them.
    struct Options: ParsableArguments {
        @Option(help: "The tenant's name or id.") var tenant: String
        @OptionGroup(title: "Settings") var options: SettingOptions

        /// Runs `body` with what moves tenants, and prints the lines that it returns.
        func run(_ body: @escaping @Sendable (TenantMove, Placement) async throws -> [String]) throws {
            try Console.reportingFailure {
                var loaded = try options.load(aliases: LoadedConfiguration.dataFolderAliases)
                loaded.fillFromDataFolder()
                try loaded.require([.databaseURL])
                let placement = try Placement(loaded.settings)
                let lines = try OneShot.run(loaded.settings) { shot in
                    let databases = placement.databases.map { database in
                        TenantMove.Database(name: database.name, owner: shot.client(database, Migrator.options))
                    }
                    let outcome: Result<[String], any Error>
                    do {
                        outcome = .success(try await body(TenantMove(databases, places: placement.places), placement))
                    } catch {
                        outcome = .failure(error)
                    }
                    for database in databases { await database.owner.close() }
                    return try outcome.get()
                }
                for line in lines { Console.print(line) }
            }
        }
    }

    /// `signalbox tenant show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what each database has of a tenant.")

        @OptionGroup var of: Options

        func run() throws {
            let name = of.tenant
            try of.run { move, placement in
                let tenant = try await move.tenant(name)
                let place = placement.places.place(of: tenant)
                let standings = try await move.standings(of: tenant)
                let rows = zip(placement.databases, standings).enumerated().map { index, pair in
                    [pair.0.name, pair.1.words, index == place ? "its place" : ""]
                }
                return ["\(tenant.name) \(tenant.id)", Table.aligned(rows)]
            }
        }
    }

    /// `signalbox tenant move`.
    struct Move: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop a tenant's changes and copy it to another database."
        )

        @Option(help: "The database that it lives in.") var from = Placement.first
        @Option(help: "The database that it shall live in.") var to: String
        @OptionGroup var of: Options

        func validate() throws {
            guard from != to else { throw ValidationError("--from and --to are both \"\(to)\"; they must differ.") }
        }

        func run() throws {
            let (name, from, to) = (of.tenant, from, to)
            try of.run { move, placement in
                let outcome = try await move.move(
                    name,
                    from: try placement.index(of: from, option: "--from"),
                    to: try placement.index(of: to, option: "--to")
                )
                switch outcome {
                case .livesThereAlready: return ["\(name) lives in \(to) already: nothing was done."]
                case .copied(let counts):
                    let rows = counts.map { [$0.table, String($0.rows)] }
                    return [
                        Table.aligned(rows),
                        """
                        The copy in \(to) is complete and compared. \(name) takes no changes until it is thawed: put it into \(to) \
                        in the file of tenant_databases, have all nodes read it, then run: signalbox tenant thaw --tenant \(name)
                        """,
                    ]
                }
            }
        }
    }

    /// `signalbox tenant thaw`.
    struct Thaw: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a tenant take changes again, where tenant_databases says that it lives."
        )

        @OptionGroup var of: Options

        func run() throws {
            let name = of.tenant
            try of.run { move, _ in ["\(name) takes changes in \(try await move.thaw(name))."] }
        }
    }

    /// `signalbox tenant purge`.
    struct Purge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove what a database has of a tenant that lives in another one, its audit log included."
        )

        @Option(help: "The database that it does not live in any more.") var from: String
        @OptionGroup var of: Options

        func run() throws {
            let (name, from) = (of.tenant, from)
            try of.run { move, placement in
                try await move.purge(name, from: try placement.index(of: from, option: "--from"))
                return ["\(from) has nothing of \(name) any more."]
            }
        }
    }
}

extension TenantStanding {
    /// For people.
    fileprivate var words: String {
        switch self {
        case .absent: "nothing"
        case .live: "takes changes"
        case .frozen(let number?): "takes no changes (freeze \(number))"
        case .frozen(nil): "takes no changes; incomplete"
        }
    }
}
