public import Domain
public import Postgres

/// Moves tenants between databases, as the owner of their schemas. docs/DATABASE.md has the steps for people.
///
/// A tenant takes changes in at most one database at every moment: ``move(_:from:to:)`` freezes it where it lives and makes a
/// frozen copy, ``thaw(_:)`` lets it go on where the map says by then, and ``purge(_:from:)`` removes what was left behind.
/// Each of them can be run again after it failed at any point, and goes on from there.
public struct TenantMove: Sendable {
    /// One of the databases.
    public struct Database: Sendable {
        /// As the map calls it.
        public let name: String
        /// Signs in as the schema's owner, see ``Migrator/options``.
        public let owner: PostgresClient

        /// Creates the value.
        public init(name: String, owner: PostgresClient) {
            self.name = name
            self.owner = owner
        }
    }

    /// What a move has done.
    public enum Outcome: Sendable, Equatable {
        /// The copy is complete, with so many rows of each table.
        case copied([MovedRows])
        /// The tenant lives in the target already.
        case livesThereAlready
    }

    private let databases: [Database]
    private let places: TenantPlaces

    /// Works over all databases of an installation, in the order of the map.
    public init(_ databases: [Database], places: TenantPlaces) {
        self.databases = databases
        self.places = places
    }

    /// What each database has of a tenant, in their order.
    public func standings(of tenant: Tenant) async throws -> [TenantStanding] {
        var standings: [TenantStanding] = []
        for database in databases {
            standings.append(
                try await database.owner.transaction(setup: tenant.id.context) { try await tenant.id.standing($0) }
            )
        }
        return standings
    }

    /// The tenant with this name, or this id, in any of the databases.
    /// - Throws: ``TenantMoveError/noSuchTenant(_:database:)``.
    public func tenant(_ text: String) async throws -> Tenant {
        for database in databases {
            if let tenant = try await find(text, in: database) { return tenant }
        }
        throw TenantMoveError.noSuchTenant(text, database: databases.map(\.name).joined(separator: ", "))
    }

    /// Freezes a tenant where it lives and copies it. From then on nobody can change anything of it, until it is thawed.
    /// - Throws: ``TenantMoveError``, `PostgresError`.
    public func move(_ text: String, from: Int, to: Int) async throws -> Outcome {
        let (source, target) = (databases[from], databases[to])
        try await check(source, target)
        var found = try await find(text, in: source)
        if found == nil { found = try await self.tenant(text) }
        guard let tenant = found else {
            throw TenantMoveError.noSuchTenant(text, database: source.name)
        }
        let standings = try await standings(of: tenant)
        for (index, standing) in standings.enumerated() where standing == .live && index != from {
            guard index == to, standings[from] != .live else {
                throw TenantMoveError.livesElsewhere(tenant.name, database: databases[index].name)
            }
            return .livesThereAlready
        }
        if let other = try await find(tenant.name, in: target), other.id != tenant.id {
            throw TenantMoveError.nameIsTaken(tenant.name, database: target.name)
        }
        let last = standings.compactMap(\.number).max() ?? 0
        let number: Int
        switch standings[from] {
        case .absent: throw TenantMoveError.noSuchTenant(tenant.name, database: source.name)
        case .live: number = last + 1
        case .frozen(last?): number = last
        case .frozen: throw TenantMoveError.outdatedCopy(tenant.name, database: source.name)
        }
        try await freeze(tenant, source).freeze(number: number)
        let there = freeze(tenant, target)
        try await there.freeze(number: nil)
        let copy = TenantCopy(tenant: tenant.id)
        try await there.raise(
            try await source.owner.transaction(readOnly: true, setup: tenant.id.context) {
                try await copy.lastValues($0)
            }
        )
        return .copied(
            try await copy.replace(from: source.owner, to: target.owner, finish: there.numbering(number))
        )
    }

    /// Lets a tenant take changes again where the map says that it lives.
    /// - Returns: the name of that database.
    /// - Throws: ``TenantMoveError`` when another database has what is newer, or takes changes; `PostgresError`.
    @discardableResult
    public func thaw(_ text: String) async throws -> String {
        let tenant = try await tenant(text)
        let index = places.place(of: tenant)
        let database = databases[index]
        let standings = try await standings(of: tenant)
        for (other, standing) in standings.enumerated() where standing == .live && other != index {
            throw TenantMoveError.livesElsewhere(tenant.name, database: databases[other].name)
        }
        switch standings[index] {
        case .absent: throw TenantMoveError.noSuchTenant(tenant.name, database: database.name)
        case .live: return database.name
        case .frozen(let number):
            guard let number, number == standings.compactMap(\.number).max() else {
                throw TenantMoveError.outdatedCopy(tenant.name, database: database.name)
            }
        }
        try await freeze(tenant, database).thaw()
        return database.name
    }

    /// Removes what a database has of a tenant that lives in another.
    /// - Throws: ``TenantMoveError/livesHere(_:database:)``, ``TenantMoveError/outdatedCopy(_:database:)`` when it does not take
    ///   changes where it should live; `PostgresError`.
    public func purge(_ text: String, from: Int) async throws {
        let tenant = try await tenant(text)
        let (index, database) = (places.place(of: tenant), databases[from])
        let standings = try await standings(of: tenant)
        guard from != index, standings[from] != .live else {
            throw TenantMoveError.livesHere(tenant.name, database: database.name)
        }
        guard standings[index] == .live else {
            throw TenantMoveError.outdatedCopy(tenant.name, database: databases[index].name)
        }
        let copy = TenantCopy(tenant: tenant.id)
        try await database.owner.transaction(setup: tenant.id.context + [tenant.id.asMover]) { session in
            try await copy.remove(try await TenantTables(session).tables, session)
        }
        try await freeze(tenant, database).thaw()
    }

    private func freeze(_ tenant: Tenant, _ database: Database) -> TenantFreeze {
        TenantFreeze(tenant: tenant.id, client: database.owner, database: database.name)
    }

    private func check(_ source: Database, _ target: Database) async throws {
        let instances = [
            try await PostgresStore.instanceName(source.owner), try await PostgresStore.instanceName(target.owner),
        ]
        guard instances[0] != instances[1] else { throw TenantMoveError.sameDatabase }
        for database in [source, target] {
            let pending = try await database.owner.withConnection { try await Migrator($0).run(dryRun: true) }
            guard pending.isEmpty else {
                throw TenantMoveError.notMigrated(database: database.name, pending: pending)
            }
        }
    }

    private func find(_ text: String, in database: Database) async throws -> Tenant? {
        let rows = try await database.owner.withConnection { session in
            try await session.query(
                """
                SELECT id, name FROM \(DatabaseNames.schema).tenant_by_name($1)
                UNION ALL SELECT id, name FROM \(DatabaseNames.schema).tenant_by_id($2)
                """,
                [.text(text), .id(TenantID(text))]
            )
        }
        return try rows.first.map { Tenant(id: try $0.id("id"), name: try $0.string("name")) }
    }
}
