import ArgumentParser
import Domain
import Identity
import Persistence
import Postgres

/// `signalbox token`: an access token for scripts and load tests.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Mint an access token for a script.",
        discussion: """
            Prints a JWT that no sign-out ends. Needs database_url and jwt_secret; beside `signalbox dev` they are taken \
            from its data folder.
            """
    )

    @Option(help: "The tenant's name.") var tenant: String
    @Option(help: "Who the token speaks for: the name of a script or service.") var subject: String
    @Option(
        help: ArgumentHelp("Roles, separated by commas: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    )
    var roles: String
    @Option(help: "How long the token is valid: 90s, 15m, 12h; access_token_ttl unless given.") var lifetime: String?
    @OptionGroup(title: "Settings") var options: SettingOptions

    /// The longest life of a token that nothing can revoke, in seconds.
    private static let longestLifetime = 7 * 86_400

    func validate() throws {
        guard !subject.isEmpty else { throw ValidationError("--subject must not be empty.") }
        _ = try parsedRoles()
        _ = try parsedLifetime()
    }

    func run() throws {
        let roles = try parsedRoles()
        let lifetime = try parsedLifetime()
        try Console.reportingFailure {
            var loaded = try options.load(aliases: LoadedConfiguration.dataFolderAliases)
            loaded.fillFromDataFolder()
            try loaded.require([.databaseURL, .jwtSecret])
            let (name, subject) = (tenant, subject)
            let placement = try Placement(loaded.settings)
            let token = try OneShot.run(loaded.settings) { shot in
                let clients = placement.databases.map {
                    shot.client($0, PostgresStore.options(connectionsPerWorker: 1))
                }
                let databases = zip(placement.databases, clients).map { database, client in
                    PlacedStore.Database(name: database.name, store: PostgresStore(client))
                }
                let tenant = try await PlacedStore(databases, places: placement.places).tenant(named: name)
                for client in clients { await client.close() }
                guard let tenant else { throw Failure(.configuration, "there is no tenant \"\(name)\".") }
                let tokens = try await AccessTokens(configuration: try IdentityConfiguration(shot.settings))
                return try await tokens.mint(
                    subject: subject,
                    tenant: tenant,
                    roles: roles,
                    session: nil,
                    lifetime: lifetime,
                    now: .now()
                )
            }
            Console.print(token.reveal())
        }
    }

    private func parsedRoles() throws -> Set<Role> {
        let parsed = try roles.split(separator: ",").map { name in
            guard let role = Role(rawValue: String(name)) else {
                let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("There is no role \"\(name)\"; the roles are \(known).")
            }
            return role
        }
        guard !parsed.isEmpty else { throw ValidationError("--roles must name at least one role.") }
        return Set(parsed)
    }

    private func parsedLifetime() throws -> Int64? {
        guard let lifetime else { return nil }
        guard let seconds = Quantity.duration(parsing: lifetime), (1...Self.longestLifetime).contains(seconds) else {
            let longest = Quantity.duration(Self.longestLifetime)
            throw ValidationError("--lifetime is \"\(lifetime)\"; it must be 1s to \(longest).")
        }
        return Int64(seconds)
    }
}
