/// The database, as the domain sees it: transactions in a tenant's context.
///
/// There is no way to a repository but through a transaction, and no transaction without a tenant: a query outside a
/// tenant's context does not compile.
public protocol Store: Sendable {
    /// Runs `body` in one transaction as `tenant`: committed when it returns, rolled back when it throws.
    ///
    /// The body may run again when the database reports a serialisation failure or deadlock, so it must have no effect
    /// outside the transaction.
    /// - Throws: ``StoreError``, or what `body` throws.
    func transaction<Result: Sendable>(
        as tenant: TenantID,
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result
}

extension Store {
    /// Runs `body` in a transaction that writes.
    public func transaction<Result: Sendable>(
        as tenant: TenantID,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await transaction(as: tenant, .write, body)
    }
}

/// How a transaction sees the database.
public enum TransactionMode: Sendable {
    /// `READ COMMITTED`; rows are locked where they are changed.
    case write
    /// `REPEATABLE READ, READ ONLY`: one consistent picture.
    case snapshot
}

/// The repositories of one tenant within one transaction.
public protocol StoreTransaction: Sendable {
    /// The tenant of the transaction.
    var tenant: TenantID { get }
    /// Flows, their events and their journal.
    var flows: any FlowRepository { get }
    /// Prompts and decisions.
    var prompts: any PromptRepository { get }
    /// The logs behind the live lists.
    var views: any ViewRepository { get }
    /// The audit log.
    var audit: any AuditRepository { get }
    /// Uploaded files.
    var uploads: any UploadRepository { get }
    /// The inventory.
    var assets: any AssetRepository { get }
    /// People and their sessions.
    var identity: any IdentityRepository { get }
    /// Answers kept under an `Idempotency-Key`.
    var idempotency: any IdempotencyRepository { get }
}

/// Why the database did not do what was asked.
public enum StoreError: Error, Equatable, Sendable {
    /// No connection could be had in time, or the connection was lost before the commit was sent: nothing happened.
    case unavailable(String)
    /// The connection was lost while the commit was on its way: it may have happened.
    case unknownOutcome(String)
    /// A unique key is taken already; names the constraint.
    case duplicate(String)
    /// Any other refusal, with its SQLSTATE.
    case failed(sqlState: String, message: String)

    /// Whether the same transaction may be run again without doing anything twice.
    public var isSafeToRetry: Bool {
        if case .unavailable = self { true } else { false }
    }
}

/// A page of a list.
public struct Page<Item: Sendable>: Sendable {
    /// The items, in order.
    public let items: [Item]
    /// Where the next page begins; nil after the last.
    public let next: String?

    /// Creates the value.
    public init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}
