public import Domain
public import Postgres
import Reactor

/// The store in PostgreSQL.
public struct PostgresStore: Store {
    let client: PostgresClient

    /// Runs of one transaction, the first included, when the database reports a conflict.
    private static let attempts = 6

    /// Creates the store over a client that was made with ``options(connectionsPerWorker:)``.
    public init(_ client: PostgresClient) { self.client = client }

    /// What a client of the store needs: every connection takes on the application's role.
    public static func options(connectionsPerWorker: Int = 8) -> PostgresOptions {
        var options = PostgresOptions()
        options.connectionsPerWorker = connectionsPerWorker
        options.onConnect = [PostgresStatement("SET ROLE \(DatabaseNames.applicationRole)")]
        return options
    }

    /// Runs `body` in a transaction as `tenant`, again after a serialisation failure, a deadlock or a connection lost
    /// before its commit was sent: at most six times, with growing random waits.
    public func transaction<Result: Sendable>(
        as tenant: TenantID,
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        var attempt = 1
        while true {
            var cause: PostgresError?
            do {
                return try await client.transaction(
                    isolation: mode == .snapshot ? .repeatableRead : .readCommitted,
                    readOnly: mode == .snapshot,
                    setup: [PostgresStatement("SELECT set_config('app.tenant_id', $1, true)", [.id(tenant)])]
                ) { session in
                    let transaction = PostgresTransaction(tenant: tenant, session: session)
                    defer { cause = transaction.retryableFailure }
                    return try await body(transaction)
                }
            } catch {
                let failure = error as? PostgresError
                guard attempt < Self.attempts, !Task.isCancelled, (cause ?? failure)?.isWorthAnotherAttempt == true
                else {
                    throw failure?.forStore ?? error
                }
            }
            await client.workers.local.sleep(for: .milliseconds(Int.random(in: 1...(5 << attempt))))
            attempt += 1
        }
    }

    /// Checks that the server runs with no more rights than it should, on the schema this program knows.
    /// - Throws: ``StoreSetupError``, or ``StoreError`` when the database does not answer.
    public func verify() async throws {
        do {
            try await client.withConnection { session in
                let role = try await session.query(
                    """
                    SELECT current_user::text AS name, rolsuper OR rolbypassrls AS is_mighty,
                        EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                            WHERE n.nspname = '\(DatabaseNames.schema)' AND pg_has_role(c.relowner, 'USAGE')) AS is_owner,
                        to_regclass('\(DatabaseNames.schema).schema_migrations') IS NOT NULL AS is_migrated
                    FROM pg_roles WHERE rolname = current_user
                    """
                )
                guard let row = role.first else {
                    throw StoreSetupError.notMigrated(pending: Migration.all.map(\.name))
                }
                let name = try row.string("name")
                guard name == DatabaseNames.applicationRole else { throw StoreSetupError.wrongRole(name) }
                guard try !row.bool("is_mighty"), try !row.bool("is_owner") else {
                    throw StoreSetupError.tooManyRights(name)
                }
                guard try row.bool("is_migrated") else {
                    throw StoreSetupError.notMigrated(pending: Migration.all.map(\.name))
                }
                let pending = try await Migrator(session).run(dryRun: true)
                guard pending.isEmpty else { throw StoreSetupError.notMigrated(pending: pending) }
            }
        } catch let error as PostgresError {
            throw error.forStore
        }
    }
}

/// Why the server must not start on this database.
public enum StoreSetupError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The connection did not take on the application's role.
    case wrongRole(String)
    /// The role could get around row-level security.
    case tooManyRights(String)
    /// Migrations are missing.
    case notMigrated(pending: [String])

    /// One sentence that says what to do.
    public var description: String {
        switch self {
        case .wrongRole(let name):
            "the database connection acts as \(name); the server must act as \(DatabaseNames.applicationRole)"
        case .tooManyRights(let name):
            "the database role \(name) is a superuser, bypasses row-level security or owns tables; take that from it"
        case .notMigrated(let pending):
            "the database lacks these migrations: \(pending.joined(separator: ", ")); run the migrations first"
        }
    }
}
