import Domain
import Postgres

/// People and their sessions.
struct PostgresIdentity: IdentityRepository {
    let transaction: PostgresTransaction

    private static let userColumns = "id, email, name, roles, password_hash, is_disabled"

    func user(email: String) async throws -> User? {
        guard !email.utf8.contains(0) else { return nil }
        let rows = try await transaction.query(
            "SELECT \(Self.userColumns) FROM signalbox.users WHERE tenant_id = $1 AND email = $2",
            [.text(email)]
        )
        return try rows.first.map(Self.user)
    }

    func user(_ id: UserID) async throws -> User? {
        let rows = try await transaction.query(
            "SELECT \(Self.userColumns) FROM signalbox.users WHERE tenant_id = $1 AND id = $2",
            [.id(id)]
        )
        return try rows.first.map(Self.user)
    }

    func save(_ user: User) async throws {
        let statement = Self.save(user)
        _ = try await transaction.query(statement.sql, statement.parameters)
    }

    func insert(_ session: Session) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO signalbox.sessions (
                tenant_id, id, user_id, cookie_hash, refresh_hash, refresh_generation, created_at, expires_at, revoked_at
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .id(session.id), .id(session.user), .bytes(session.cookieHash), .bytes(session.refreshHash),
                .int(session.refreshGeneration), .time(session.createdAt), .time(session.expiresAt),
                .time(session.revokedAt),
            ]
        )
    }

    func session(_ id: SessionID) async throws -> Session? {
        let rows = try await transaction.query(
            """
            SELECT user_id, cookie_hash, refresh_hash, refresh_generation, created_at, expires_at, revoked_at
            FROM signalbox.sessions WHERE tenant_id = $1 AND id = $2
            """,
            [.id(id)]
        )
        return try rows.first.map { row in
            Session(
                id: id,
                user: try row.id("user_id"),
                cookieHash: try row.bytes("cookie_hash"),
                refreshHash: try row.bytes("refresh_hash"),
                refreshGeneration: try row.int64("refresh_generation"),
                createdAt: try row.time("created_at"),
                expiresAt: try row.time("expires_at"),
                revokedAt: try row.timeOrNil("revoked_at")
            )
        }
    }

    func rotate(_ id: SessionID, ifGeneration generation: Int64, to hash: [UInt8]) async throws -> Bool {
        let rows = try await transaction.query(
            """
            UPDATE signalbox.sessions SET refresh_hash = $4, refresh_generation = refresh_generation + 1
            WHERE tenant_id = $1 AND id = $2 AND refresh_generation = $3
            """,
            [.id(id), .int(generation), .bytes(hash)]
        )
        return rows.affected == 1
    }

    func revoke(_ id: SessionID, at time: Timestamp) async throws -> Bool {
        let rows = try await transaction.query(
            """
            UPDATE signalbox.sessions SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL
            """,
            [.id(id), .time(time)]
        )
        guard rows.affected == 1 else { return false }
        let notification = StoreNotification.sessionRevoked(tenant: transaction.tenant, session: id)
        _ = try await transaction.batch([PostgresTransaction.notify(notification)])
        return true
    }

    /// Stores a user of the tenant that is bound to `$1`; keeps the id of one with the same address.
    static func save(_ user: User) -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO signalbox.users (tenant_id, id, email, name, roles, password_hash, is_disabled)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (tenant_id, email) DO UPDATE SET
                name = excluded.name, roles = excluded.roles, password_hash = excluded.password_hash,
                is_disabled = excluded.is_disabled
            """,
            [
                .id(user.id), .text(user.email), .text(user.name), .array(user.roles.map(\.rawValue).sorted()),
                .text(user.passwordHash), .bool(user.isDisabled),
            ]
        )
    }

    private static func user(_ row: PostgresRow) throws -> User {
        User(
            id: try row.id("id"),
            email: try row.string("email"),
            name: try row.string("name"),
            // A role this version does not know gives no rights.
            roles: Set(try row.strings("roles").compactMap(Role.init)),
            passwordHash: try row.string("password_hash"),
            isDisabled: try row.bool("is_disabled")
        )
    }
}
