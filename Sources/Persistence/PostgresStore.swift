public import Domain
public import Postgres
import Reactor

/// The store in PostgreSQL.
public struct PostgresStore: Store {
    let client: PostgresClient
    /// Changes that were refused because the database takes none at present.
    public let trouble = StoreTrouble()

    /// Runs of one transaction, the first included, when the database reports a conflict.
    private static let attempts = 6

    /// Creates the store over a client that was made with ``options(connectionsPerWorker:)``.
    public init(_ client: PostgresClient) { self.client = client }

    /// What a client of the store needs: every connection takes on the application's role.
    public static func options(connectionsPerWorker: Int = 8) -> PostgresOptions {
        var options = PostgresOptions()
        options.connectionsPerWorker = connectionsPerWorker
        options.onConnect = [
            PostgresStatement("SET ROLE \(DatabaseNames.applicationRole)"),
            // Every statement finds its rows by an index, whatever its values are: planning it for them each time would cost
            // more than running it, and with arrays of hundreds of rows find a worse plan.
            PostgresStatement("SET plan_cache_mode = force_generic_plan"),
        ]
        return options
    }

    /// Runs `body` in a transaction, again after a serialisation failure, a deadlock or a connection lost
    /// before its commit was sent: at most six times, with growing random waits.
    public func transaction<Result: Sendable>(
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        let tenant = try TenantContext.current
        return try await repeating { cause in
            try await client.transaction(
                isolation: mode == .snapshot ? .repeatableRead : .readCommitted,
                readOnly: mode == .snapshot,
                setup: [Self.context(of: tenant)]
            ) { session in
                let transaction = PostgresTransaction(tenant: tenant, session: session)
                defer { cause = transaction.wholeFailure }
                return try await body(transaction)
            }
        }
    }

    /// Commits changes of several flows in one round trip, which is one transaction of its own. Where a list changes too, it
    /// takes one more before its commit.
    public func commit(_ changes: [FlowChange], as id: CommitID) async throws -> CommitReceipt {
        guard changes.allSatisfy({ $0.line == nil }) else {
            return try await transaction { try await $0.commit(changes, as: id) }
        }
        let tenant = try TenantContext.current
        let answers = try await roundTrip(PostgresFlows.statements(of: changes, as: id, tenant: tenant), as: tenant)
        return CommitReceipt(flows: try PostgresFlows.written(changes, answers), lines: [])
    }

    /// Pages of events, in one round trip.
    public func events(_ queries: [EventQuery], limit: Int, bytes: Int) async throws -> [[FlowEvent]] {
        let statements = queries.map { PostgresFlows.events(of: $0.flow, after: $0.after, limit: limit, bytes: bytes) }
        return try await roundTrip(statements, as: try TenantContext.current).map(PostgresFlows.events)
    }

    /// Runs statements as one transaction in one round trip. By convention the `$1` of each is the tenant.
    private func roundTrip(_ statements: [PostgresStatement], as tenant: TenantID) async throws -> [PostgresRows] {
        let batch = [Self.context(of: tenant)] + PostgresTransaction.bound(statements, to: tenant)
        let answers = try await repeating { _ in
            try await client.withConnection { try await $0.batch(batch) }
        }
        return Array(answers.dropFirst())
    }

    /// Runs `body` again while the database reports what another attempt may get past.
    /// - Parameter body: may name a failure that it hid.
    private func repeating<Result: Sendable>(_ body: (inout PostgresError?) async throws -> Result) async throws
        -> Result
    {
        var attempt = 1
        while true {
            var cause: PostgresError?
            do { return try await body(&cause) } catch {
                let failure = error as? PostgresError
                if (cause ?? failure)?.kind == .outOfService { trouble.note() }
                guard attempt < Self.attempts, !Task.isCancelled, (cause ?? failure)?.isWorthAnotherAttempt == true
                else {
                    throw failure?.forStore ?? error
                }
            }
            await client.workers.local.sleep(for: .milliseconds(Int.random(in: 1...(5 << attempt))))
            attempt += 1
        }
    }

    /// Has the policies of the tables know the tenant, until the end of the transaction.
    static func context(of tenant: TenantID) -> PostgresStatement {
        PostgresStatement("SELECT set_config('app.tenant_id', $1, true)", [.id(tenant)])
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
