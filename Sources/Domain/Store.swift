/// The database, as the domain sees it: transactions in a tenant's context.
///
/// There is no way to a repository but through a transaction, and no transaction without a tenant: that of the current task,
/// see ``TenantContext``. Whoever has none gets ``NoTenant``.
public protocol Store: Sendable {
    /// Runs `body` in one transaction: committed when it returns, rolled back when it throws.
    ///
    /// The body may run again when the database reports a serialisation failure or deadlock, so it must have no effect
    /// outside the transaction.
    /// - Throws: ``StoreError``, ``NoTenant``, or what `body` throws.
    func transaction<Result: Sendable>(
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result

    /// Commits changes of several flows at once: see ``FlowRepository/commit(_:as:)``. All that could be written is committed
    /// when it returns, and nothing when it throws.
    /// - Throws: ``StoreError``, ``NoTenant``.
    func commit(_ changes: [FlowChange], as id: CommitID) async throws -> CommitReceipt

    /// A page of events for each query, in their order: see ``FlowRepository/events(of:after:limit:bytes:)``. Each page is one
    /// picture of its flow; those of several flows may be of different moments.
    /// - Throws: ``StoreError``, ``NoTenant``.
    func events(_ queries: [EventQuery], limit: Int, bytes: Int) async throws -> [[FlowEvent]]

    /// How many databases the tenants live in, at least 1. Does not change.
    var places: Int { get }

    /// Which of them a tenant lives in, from 0 below ``places``, as far as that is known without asking one: writers of one
    /// database do not wait for those of another.
    func place(of tenant: TenantID) -> Int
}

/// Which events of a flow are wanted.
public struct EventQuery: Sendable {
    /// The flow.
    public let flow: FlowID
    /// The position before the first of them.
    public let after: Int64

    /// Creates the value.
    public init(flow: FlowID, after: Int64) {
        self.flow = flow
        self.after = after
    }
}

/// What became of a commit of several flows.
public struct CommitReceipt: Sendable, Equatable {
    /// The flows that were written.
    public let flows: Set<FlowID>
    /// What it changed in the list of flows.
    public let lines: [ViewChange]

    /// Creates the value.
    public init(flows: Set<FlowID>, lines: [ViewChange]) {
        self.flows = flows
        self.lines = lines
    }
}

extension Store {
    /// One: all tenants live together.
    public var places: Int { 1 }

    /// The only one.
    public func place(of tenant: TenantID) -> Int { 0 }

    /// ``commit(_:as:)`` as a transaction like any other.
    public func commit(_ changes: [FlowChange], as id: CommitID) async throws -> CommitReceipt {
        try await transaction { try await $0.commit(changes, as: id) }
    }

    /// ``events(_:limit:bytes:)`` in one transaction.
    public func events(_ queries: [EventQuery], limit: Int, bytes: Int) async throws -> [[FlowEvent]] {
        try await transaction(.snapshot) { transaction in
            var pages: [[FlowEvent]] = []
            for query in queries {
                let page = try await transaction.flows.events(
                    of: query.flow,
                    after: query.after,
                    limit: limit,
                    bytes: bytes
                )
                pages.append(page)
            }
            return pages
        }
    }

    /// Runs `body` in a transaction that writes.
    public func transaction<Result: Sendable>(
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await transaction(.write, body)
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
    /// Webhooks, and what is on its way to them.
    var webhooks: any WebhookRepository { get }
}

extension StoreTransaction {
    /// Writes those of several flows that have the versions expected, and their lines in the list of flows.
    public func commit(_ changes: [FlowChange], as id: CommitID) async throws -> CommitReceipt {
        let written = try await flows.commit(changes, as: id)
        let lines = changes.filter { written.contains($0.flow.id) }.compactMap(\.line)
        return CommitReceipt(
            flows: written,
            lines: lines.isEmpty ? [] : try await views.append(lines, to: .flows)
        )
    }
}

/// Why the database did not do what was asked.
public enum StoreError: Error, Equatable, Sendable {
    /// No connection could be had in time, or the connection was lost before the commit was sent: nothing happened.
    case unavailable(String)
    /// The tenant is being moved to another database and takes no changes meanwhile: nothing happened.
    case moving
    /// The connection was lost while the commit was on its way: it may have happened.
    case unknownOutcome(String)
    /// A unique key is taken already; names the constraint.
    case duplicate(String)
    /// Any other refusal, with its SQLSTATE.
    case failed(sqlState: String, message: String)

    /// Whether the same transaction may be run again without doing anything twice.
    public var isSafeToRetry: Bool {
        switch self {
        case .unavailable, .moving: true
        case .unknownOutcome, .duplicate, .failed: false
        }
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
