public import Postgres

/// Why the schema was left as it is.
public enum MigrationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A migration that was applied differs from the one in this program.
    case changed(number: Int, name: String)
    /// The database has a migration that this program does not know.
    case unknown(number: Int, name: String)
    /// A migration could not be applied; it left nothing behind.
    case failed(number: Int, name: String, PostgresError)

    /// One sentence.
    public var description: String {
        switch self {
        case .changed(let number, let name):
            "migration \(number) (\(name)) was changed after it had been applied to this database"
        case .unknown(let number, let name):
            "the database has migration \(number) (\(name)), which this program does not know: it is older than the database"
        case .failed(let number, let name, let error):
            "migration \(number) (\(name)) failed: \(error.debugDescription)"
        }
    }
}

/// Brings the schema up to date, as its owner. Several may run at once: one works, the others wait and find nothing to do.
///
/// The owner is a superuser, or owns the database and has `CREATEROLE` and what `CREATE POLICY … TO` needs.
public struct Migrator: Sendable {
    private let session: PostgresSession
    private let migrations: [Migration]

    /// The advisory lock of migrations: the first eight bytes of the word `signalbox`.
    private static let lock: Int64 = 0x7369_676E_616C_626F

    /// Works on a session outside a transaction, of a client made with ``options``.
    public init(_ session: PostgresSession) { self.init(session, migrations: Migration.all) }

    init(_ session: PostgresSession, migrations: [Migration]) {
        self.session = session
        self.migrations = migrations
    }

    /// What a client for migrations and administration needs: one connection and no time limits.
    public static var options: PostgresOptions {
        var options = PostgresOptions()
        options.connectionsPerWorker = 1
        options.statementTimeout = nil
        options.lockTimeout = nil
        options.idleInTransactionTimeout = nil
        return options
    }

    /// Applies what is missing, each migration in a transaction of its own.
    /// - Parameter dryRun: only finds out what is missing.
    /// - Returns: the names of the migrations that were (or would be) applied.
    /// - Throws: ``MigrationError`` or ``PostgresError``.
    @discardableResult
    public func run(dryRun: Bool = false) async throws -> [String] {
        guard !dryRun else { return try await pending().map(\.name) }
        _ = try await session.query("SELECT pg_advisory_lock($1)", [.int(Self.lock)])
        do {
            try await session.script(Self.foundation)
            let pending = try await pending()
            for migration in pending { try await apply(migration) }
            _ = try await session.query("SELECT pg_advisory_unlock($1)", [.int(Self.lock)])
            return pending.map(\.name)
        } catch {
            // Where this fails too, the connection is lost and the lock with it.
            _ = try? await session.query("SELECT pg_advisory_unlock($1)", [.int(Self.lock)])
            throw error
        }
    }

    private func pending() async throws -> [Migration] {
        let exists = try await session.query(
            "SELECT to_regclass('signalbox.schema_migrations') IS NOT NULL AS is_there"
        )
        guard try exists.first?.bool("is_there") == true else { return migrations }
        let rows = try await session.query(
            "SELECT number, name, checksum FROM signalbox.schema_migrations ORDER BY number"
        )
        var missing = migrations
        for row in rows {
            let number = try row.int("number")
            guard let index = missing.firstIndex(where: { $0.number == number }) else {
                throw MigrationError.unknown(number: number, name: try row.string("name"))
            }
            let migration = missing.remove(at: index)
            guard try await checksum(migration) == row.string("checksum") else {
                throw MigrationError.changed(number: number, name: migration.name)
            }
        }
        return missing
    }

    private func apply(_ migration: Migration) async throws {
        do throws(PostgresError) {
            _ = try await session.query("BEGIN")
            try await session.script(migration.sql)
            _ = try await session.query(
                "INSERT INTO signalbox.schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                [.int(migration.number), .text(migration.name), .text(try await checksum(migration))]
            )
            _ = try await session.query("COMMIT")
        } catch {
            _ = try? await session.query("ROLLBACK")
            throw MigrationError.failed(number: migration.number, name: migration.name, error)
        }
    }

    /// The hex SHA-256 of the file, by the server's own function: nothing else here needs a hash.
    private func checksum(_ migration: Migration) async throws(PostgresError) -> String {
        let rows = try await session.query(
            "SELECT encode(sha256($1::bytea), 'hex') AS checksum",
            [.bytes(Array(migration.sql.utf8))]
        )
        return try rows.first?.string("checksum") ?? ""
    }

    /// What must be there before the first migration. Roles belong to the whole cluster, so another database's migrator
    /// may be making the same ones.
    private static let foundation = """
        DO $$
        DECLARE wanted text;
        BEGIN
            FOREACH wanted IN ARRAY ARRAY['\(DatabaseNames.applicationRole)', '\(DatabaseNames.directoryRole)'] LOOP
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                    BEGIN
                        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN
                        NULL;
                    END;
                END IF;
                IF NOT pg_has_role(wanted, 'MEMBER') THEN
                    EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
                END IF;
            END LOOP;
        END
        $$;
        CREATE SCHEMA IF NOT EXISTS \(DatabaseNames.schema);
        CREATE TABLE IF NOT EXISTS \(DatabaseNames.schema).schema_migrations (
            number integer PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        GRANT USAGE ON SCHEMA \(DatabaseNames.schema) TO \(DatabaseNames.applicationRole);
        GRANT SELECT ON \(DatabaseNames.schema).schema_migrations TO \(DatabaseNames.applicationRole);
        """
}
