import Domain
import Locking
import Postgres

/// One transaction of one tenant, and the repositories within it.
final class PostgresTransaction: StoreTransaction {
    let tenant: TenantID
    private let session: PostgresSession
    private let failure = Mutex<PostgresError?>(nil)

    init(tenant: TenantID, session: PostgresSession) {
        self.tenant = tenant
        self.session = session
    }

    var flows: any FlowRepository { PostgresFlows(transaction: self) }
    var prompts: any PromptRepository { PostgresPrompts(transaction: self) }
    var views: any ViewRepository { PostgresViews(transaction: self) }
    var audit: any AuditRepository { PostgresAudit(transaction: self) }
    var uploads: any UploadRepository { PostgresUploads(transaction: self) }
    var assets: any AssetRepository { PostgresAssets(transaction: self) }
    var identity: any IdentityRepository { PostgresIdentity(transaction: self) }
    var idempotency: any IdempotencyRepository { PostgresIdempotency(transaction: self) }
    var webhooks: any WebhookRepository { PostgresWebhooks(transaction: self) }

    /// The first failure that concerns the transaction as a whole (it can only be run again, or no transaction could be run
    /// at present), even if the body hid it.
    var wholeFailure: PostgresError? { failure.withLock(\.self) }

    /// Runs one statement. By convention its `$1` is the tenant.
    func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws -> PostgresRows {
        do throws(PostgresError) {
            return try await session.query(sql, [.id(tenant)] + parameters)
        } catch {
            throw noting(error)
        }
    }

    /// Runs statements in one round trip. By convention the `$1` of each is the tenant.
    func batch(_ statements: [PostgresStatement]) async throws -> [PostgresRows] {
        do throws(PostgresError) {
            return try await session.batch(Self.bound(statements, to: tenant))
        } catch {
            throw noting(error)
        }
    }

    /// The statements with the tenant as `$1` of each.
    static func bound(_ statements: [PostgresStatement], to tenant: TenantID) -> [PostgresStatement] {
        statements.map { PostgresStatement($0.sql, [.id(tenant)] + $0.parameters) }
    }

    /// A notification that goes out when the transaction commits. The tenant is bound and not used.
    static func notify(_ notification: StoreNotification) -> PostgresStatement { notify(notification.payload) }

    /// See ``notify(_:)-(StoreNotification)``.
    static func notify(_ payload: String) -> PostgresStatement {
        PostgresStatement(
            "SELECT pg_notify('\(DatabaseNames.channel)', $2) WHERE $1::uuid IS NOT NULL",
            [.text(payload)]
        )
    }

    private func noting(_ error: PostgresError) -> any Error {
        if error.isWorthAnotherAttempt || error.kind == .outOfService { failure.withLock { $0 = $0 ?? error } }
        return error.forStore
    }
}
