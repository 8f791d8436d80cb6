import Domain
import JSON

/// The model's database as a store: each transaction is one moment, before and after which other things happen.
struct ModelStore: Store {
    let database: ModelDatabase
    let executor: ModelExecutor

    func transaction<Result: Sendable>(
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        await executor.pause()
        if mode == .snapshot, database.failures > 0 {
            database.failures -= 1
            throw StoreError.unavailable("as the model wanted")
        }
        let result = try await body(ModelTransaction(database))
        await executor.pause()
        return result
    }
}

/// What the model does not need.
private struct NotModelled: Error {}

private struct ModelTransaction: StoreTransaction {
    let database: ModelDatabase

    init(_ database: ModelDatabase) { self.database = database }

    var tenant: TenantID { database.tenant }
    var flows: any FlowRepository { ModelFlows(database: database) }
    var prompts: any PromptRepository { ModelPrompts() }
    var views: any ViewRepository { ModelViews(database: database) }
    var audit: any AuditRepository { preconditionFailure("not modelled") }
    var uploads: any UploadRepository { preconditionFailure("not modelled") }
    var assets: any AssetRepository { preconditionFailure("not modelled") }
    var identity: any IdentityRepository { preconditionFailure("not modelled") }
    var idempotency: any IdempotencyRepository { preconditionFailure("not modelled") }
    var webhooks: any WebhookRepository { preconditionFailure("not modelled") }
}

private struct ModelFlows: FlowRepository {
    let database: ModelDatabase

    func insert(_ flow: Flow) async throws { database.insert(flow) }
    func find(_ id: FlowID, locked: Bool) async throws -> Flow? { database.flows[id] }

    func list(status: FlowStatus?, type: String?, limit: Int, cursor: String?) async throws -> Page<Flow>? {
        Page(items: Array(database.flows.values.filter { $0.seq > 0 }), next: nil)
    }

    func lock(_ id: FlowID) async throws -> FlowVersion? { database.version(of: id) }

    func records(of ids: [FlowID], locked: Bool) async throws -> [FlowRecord] {
        ids.compactMap { id in
            database.flows[id].map {
                FlowRecord(flow: $0, commit: database.version(of: id)?.commit, steps: [], openPrompts: [])
            }
        }
    }

    func commit(_ changes: [FlowChange], as id: CommitID) async throws -> Set<FlowID> {
        var written: Set<FlowID> = []
        for change in changes where database.version(of: change.flow.id) == change.expected {
            try database.write(change, as: id)
            written.insert(change.flow.id)
        }
        return written
    }

    func happened(_ marks: [CommitMark]) async throws -> Set<CommitMark> { throw NotModelled() }

    func events(of flow: FlowID, after seq: Int64, limit: Int, bytes: Int) async throws -> [FlowEvent] {
        Array(database.kept(flow, after: seq).prefix(limit))
    }

    func eventBytes(of flow: FlowID, after seq: Int64) async throws -> Int64? {
        let kept = database.kept(flow, after: seq)
        guard Int64(kept.count) == (database.flows[flow]?.seq ?? 0) - seq else { return nil }
        return kept.reduce(0) { $0 + Int64($1.event.serializedSize() + ($1.patch?.serializedSize() ?? 0)) }
    }

    func snapshot(of flow: FlowID, upTo seq: Int64, isWhole: Bool) async throws -> FlowSnapshot? {
        throw NotModelled()
    }

    func firstDocument(of flow: FlowID) async throws -> Int64? { throw NotModelled() }

    func milestones(of flow: FlowID, after seq: Int64, limit: Int) async throws -> Page<Milestone> {
        throw NotModelled()
    }

    func steps(of flow: FlowID) async throws -> [StepRecord] { [] }
    func effects(of flow: FlowID) async throws -> [EffectRecord] { [] }
}

private struct ModelPrompts: PromptRepository {
    func insert(_ prompt: Prompt) async throws { throw NotModelled() }
    func find(_ id: PromptID) async throws -> Prompt? { throw NotModelled() }

    func list(
        flow: FlowID?,
        status: PromptStatus?,
        pendingOnly: Bool,
        limit: Int,
        cursor: String?
    ) async throws -> Page<Prompt>? {
        Page(items: [], next: nil)
    }

    func lastAttempt(of step: String, in flow: FlowID) async throws -> Int { throw NotModelled() }
    func update(_ prompt: Prompt, ifVersion version: Int) async throws -> Bool { throw NotModelled() }
    func setExecution(_ status: ExecutionStatus, of prompt: PromptID) async throws { throw NotModelled() }
    func record(_ decision: DecisionRecord) async throws { throw NotModelled() }
    func decision(on prompt: PromptID, key: String) async throws -> DecisionRecord? { throw NotModelled() }
}

private struct ModelViews: ViewRepository {
    let database: ModelDatabase

    func append(_ changes: [ItemChange], to view: View) async throws -> [ViewChange] {
        try changes.map { try database.append(view, item: $0.item, before: $0.before, after: $0.after) }
    }

    func position(of view: View) async throws -> Position {
        Position(epoch: database.viewEpoch, seq: Int64(database.changes[view]?.count ?? 0))
    }

    func changes(of view: View, after seq: Int64, limit: Int) async throws -> [ViewChange] {
        Array(database.kept(view, after: seq).prefix(limit))
    }
}
