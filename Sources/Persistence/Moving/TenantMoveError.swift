/// Why a tenant was not moved, thawed or purged. What had been done before stays, and the same command goes on from there.
public enum TenantMoveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Source and target are the same database, whatever they are called.
    case sameDatabase
    /// There is no such tenant in this database.
    case noSuchTenant(String, database: String)
    /// The other database has another tenant of this name.
    case nameIsTaken(String, database: String)
    /// A database lacks migrations.
    case notMigrated(database: String, pending: [String])
    /// The tenant takes changes in a database that it should not live in.
    case livesElsewhere(String, database: String)
    /// What is in the database is not all of the tenant, or is older than what is in another.
    case outdatedCopy(String, database: String)
    /// The tables of the two databases differ.
    case differentTables(String)
    /// What was copied is not what was read; nothing of it is kept.
    case differentRows(table: String)
    /// Other transactions did not make way for the moment it takes.
    case noLock(database: String)
    /// The tenant still lives in the database whose rows were to be removed.
    case livesHere(String, database: String)
    /// Tables refer to each other in a circle, so that none can be copied first.
    case circle([String])

    /// One sentence.
    public var description: String {
        switch self {
        case .sameDatabase: "both names stand for the same database"
        case .noSuchTenant(let tenant, let database): "there is no tenant \"\(tenant)\" in the database \(database)"
        case .nameIsTaken(let tenant, let database): "the database \(database) has another tenant called \"\(tenant)\""
        case .notMigrated(let database, let pending):
            "the database \(database) lacks these migrations: \(pending.joined(separator: ", ")); run the migrations first"
        case .livesElsewhere(let tenant, let database):
            "the tenant \"\(tenant)\" takes changes in the database \(database); move it from there"
        case .outdatedCopy(let tenant, let database):
            "the database \(database) does not have all of the tenant \"\(tenant)\"; run the move again"
        case .differentTables(let table): "the table \(table) is not the same in both databases"
        case .differentRows(let table): "the copy of \(table) is not what was read; nothing was kept"
        case .noLock(let database): "the database \(database) is too busy: a lock on its tables was not to be had"
        case .livesHere(let tenant, let database):
            "the tenant \"\(tenant)\" lives in the database \(database), or takes changes there"
        case .circle(let tables): "these tables refer to each other: \(tables.joined(separator: ", "))"
        }
    }
}
