/// Prompts and the decisions made on them.
public protocol PromptRepository: Sendable {
    /// Stores a new prompt.
    func insert(_ prompt: Prompt) async throws
    /// The prompt, or nil.
    func find(_ id: PromptID) async throws -> Prompt?
    /// Oldest first. `pendingOnly` leaves out what is decided, expired, cancelled or superseded.
    func list(flow: FlowID?, status: PromptStatus?, pendingOnly: Bool, limit: Int, cursor: String?) async throws
        -> Page<Prompt>?
    /// The highest attempt among that step's prompts; 0 when it never asked.
    func lastAttempt(of step: String, in flow: FlowID) async throws -> Int
    /// The one winner's write: overwrites status, version, claim, supersededBy and outcome if the stored prompt is still
    /// pending and at `version`.
    /// - Returns: false when somebody else was first.
    func update(_ prompt: Prompt, ifVersion version: Int) async throws -> Bool
    /// Records how the approved action went.
    func setExecution(_ status: ExecutionStatus, of prompt: PromptID) async throws
    /// Keeps an accepted decision.
    func record(_ decision: DecisionRecord) async throws
    /// The decision kept under this key, if any.
    func decision(on prompt: PromptID, key: String) async throws -> DecisionRecord?
}

/// The logs behind the live lists. Each has its own gap-free positions.
public protocol ViewRepository: Sendable {
    /// Appends changes and gives them the next positions; holds the view's counter until the transaction ends, so that
    /// positions are in commit order.
    func append(_ changes: [ItemChange], to view: View) async throws -> [ViewChange]
    /// The position of the last change.
    func position(of view: View) async throws -> Position
    /// Changes after `seq`, in order, as far as they are kept, at most `limit`.
    func changes(of view: View, after seq: Int64, limit: Int) async throws -> [ViewChange]
}

/// The audit log: it can be added to and read, nothing else.
public protocol AuditRepository: Sendable {
    /// Adds a line.
    func append(_ entry: AuditEntry) async throws
    /// Newest first.
    func list(action: String?, subject: String?, limit: Int, cursor: String?) async throws -> Page<AuditEntry>?
}

/// Uploaded files, in chunks.
public protocol UploadRepository: Sendable {
    /// Begins an upload; its `bytes` and `sha256` are set by ``finish(_:bytes:sha256:)``.
    func begin(_ upload: Upload) async throws
    /// Adds chunk number `index` (from 0).
    func append(_ chunk: [UInt8], index: Int, to id: UploadID) async throws
    /// Completes an upload.
    func finish(_ id: UploadID, bytes: Int64, sha256: String) async throws
    /// Removes an upload and its chunks.
    func remove(_ id: UploadID) async throws
    /// Removes the tenant's uploads that were begun before `time` and never finished: their process was killed.
    func removeUnfinished(before time: Timestamp) async throws
    /// The upload, or nil.
    func find(_ id: UploadID) async throws -> Upload?
    /// Chunk number `index`, nil after the last.
    func chunk(_ index: Int, of id: UploadID) async throws -> [UInt8]?
}

/// The inventory.
public protocol AssetRepository: Sendable {
    /// Stores assets, replacing those with the same flow and key, so that a repeated step adds nothing twice.
    func upsert(_ assets: [Asset]) async throws
    /// Ordered by name. `query` is matched within name and attribute values, without regard to case.
    func list(
        query: String?,
        environment: String?,
        type: String?,
        flow: FlowID?,
        limit: Int,
        cursor: String?
    ) async throws -> Page<Asset>?
    /// The number of assets of a flow.
    func count(flow: FlowID) async throws -> Int
    /// The asset, or nil.
    func find(_ id: AssetID) async throws -> Asset?
}

/// People and their sessions.
public protocol IdentityRepository: Sendable {
    /// The user with this e-mail address (lower case), or nil.
    func user(email: String) async throws -> User?
    /// The user, or nil.
    func user(_ id: UserID) async throws -> User?
    /// Stores a user, replacing one with the same e-mail address.
    func save(_ user: User) async throws
    /// Stores a new session.
    func insert(_ session: Session) async throws
    /// The session, or nil.
    func session(_ id: SessionID) async throws -> Session?
    /// Replaces the refresh token's hash if `generation` is still the stored one. False when it is not.
    func rotate(_ id: SessionID, ifGeneration generation: Int64, to hash: [UInt8]) async throws -> Bool
    /// Ends a session; tells every process on commit. False when it had ended before.
    func revoke(_ id: SessionID, at time: Timestamp) async throws -> Bool
}

/// Tenants by name: the one look-up that happens before a tenant is known.
public protocol TenantDirectory: Sendable {
    /// The tenant with this name, or nil.
    func tenant(named name: String) async throws -> Tenant?
    /// The tenant, or nil.
    func tenant(_ id: TenantID) async throws -> Tenant?
}

/// Answers kept under an `Idempotency-Key`, for a day.
public protocol IdempotencyRepository: Sendable {
    /// The answer kept under this key for this subject, or nil.
    func find(subject: String, key: String) async throws -> IdempotentAnswer?
    /// Keeps an answer. Throws ``StoreError/duplicate(_:)`` when the key was taken meanwhile.
    func save(_ answer: IdempotentAnswer, subject: String, key: String, at time: Timestamp) async throws
}
