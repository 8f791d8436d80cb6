import Domain
import JSON

/// The process died with its commit: nobody will know.
struct DiedAfterCommit: Error {}

/// The database as one process sees it.
struct MemoryStore: Store, WorkQueue {
    let database: MemoryDatabase
    let process: SimulatedProcess

    func transaction<Result: Sendable>(
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await process.reach()
        let result: Result
        do {
            result = try await database.transaction {
                try await body(MemoryTransaction(database: database))
            } commit: { _ in
                if mode == .write { try process.commits() }
            }
        } catch is DiedAfterCommit {
            throw StoreError.unavailable("the process is dead")
        }
        try await process.reach()
        return result
    }

    func claim(owner: Int64, limit: Int, patience: Int, held: [Int64]?) async throws -> ClaimedWork {
        try await process.reach()
        let work = database.claim(owner: owner, limit: limit, patience: patience, held: held)
        try await process.reach()
        return work
    }

    func release(owner: Int64) async throws {
        try await process.reach()
        database.release(owner: owner)
    }
}

private struct MemoryTransaction: StoreTransaction {
    let database: MemoryDatabase

    var tenant: TenantID { database.tenant }
    var flows: any FlowRepository { MemoryFlows(database: database) }
    var prompts: any PromptRepository { MemoryPrompts(database: database) }
    var views: any ViewRepository { MemoryViews(database: database) }
    var audit: any AuditRepository { MemoryAudit() }
    var uploads: any UploadRepository { preconditionFailure("no flow of the model uploads") }
    var assets: any AssetRepository { preconditionFailure("no flow of the model has assets") }
    var identity: any IdentityRepository { preconditionFailure("nobody signs in to the model") }
    var idempotency: any IdempotencyRepository { preconditionFailure("nobody calls the model over HTTP") }
    var webhooks: any WebhookRepository { preconditionFailure("nobody outside hears of the model") }
}

private struct NotModelled: Error {}

private struct MemoryFlows: FlowRepository {
    let database: MemoryDatabase

    func insert(_ flow: Flow) async throws {
        guard database.state.flows[flow.id] == nil else { throw StoreError.duplicate("flows_pkey") }
        database.state.flows[flow.id] = MemoryDatabase.Stored(flow: flow)
    }

    func find(_ id: FlowID, locked: Bool) async throws -> Flow? { database.state.flows[id]?.flow }

    func list(status: FlowStatus?, type: String?, limit: Int, cursor: String?) async throws -> Page<Flow>? {
        throw NotModelled()
    }

    func lock(_ id: FlowID) async throws -> FlowVersion? {
        database.state.flows[id].map { FlowVersion(seq: $0.flow.seq, commit: $0.commit) }
    }

    func records(of ids: [FlowID], locked: Bool) async throws -> [FlowRecord] {
        ids.compactMap { id in
            database.state.flows[id].map { stored in
                let done = Set(stored.steps.filter { $0.status == .done }.map(\.key))
                return FlowRecord(
                    flow: stored.flow,
                    commit: stored.commit,
                    steps: stored.steps,
                    effects: stored.effects.filter { !done.contains($0.step) },
                    openPrompts: database.state.prompts.filter { $0.flow == id && $0.status.isPending },
                    lease: database.state.work[id]?.lease
                )
            }
        }
    }

    func commit(_ changes: [FlowChange], as id: CommitID) async throws -> Set<FlowID> {
        Set(changes.filter { database.commit($0, as: id) }.map(\.flow.id))
    }

    func happened(_ marks: [CommitMark]) async throws -> Set<CommitMark> { throw NotModelled() }

    func events(of flow: FlowID, after seq: Int64, limit: Int, bytes: Int) async throws -> [FlowEvent] {
        Array((database.state.flows[flow]?.events ?? []).filter { $0.seq > seq }.prefix(limit))
    }

    func eventBytes(of flow: FlowID, after seq: Int64) async throws -> Int64? { throw NotModelled() }
    func snapshot(of flow: FlowID, upTo seq: Int64, isWhole: Bool) async throws -> FlowSnapshot? { nil }
    func firstDocument(of flow: FlowID) async throws -> Int64? { throw NotModelled() }

    func milestones(of flow: FlowID, after seq: Int64, limit: Int) async throws -> Page<Milestone> {
        throw NotModelled()
    }

    func steps(of flow: FlowID) async throws -> [StepRecord] { database.state.flows[flow]?.steps ?? [] }
    func effects(of flow: FlowID) async throws -> [EffectRecord] { database.state.flows[flow]?.effects ?? [] }
}

private struct MemoryPrompts: PromptRepository {
    let database: MemoryDatabase

    func insert(_ prompt: Prompt) async throws { database.state.prompts.append(prompt) }
    func find(_ id: PromptID) async throws -> Prompt? { database.state.prompts.first { $0.id == id } }

    func list(flow: FlowID?, status: PromptStatus?, pendingOnly: Bool, limit: Int, cursor: String?) async throws
        -> Page<Prompt>?
    {
        throw NotModelled()
    }

    func lastAttempt(of step: String, in flow: FlowID) async throws -> Int {
        database.state.prompts.filter { $0.flow == flow && $0.step == step }.map(\.attempt).max() ?? 0
    }

    func update(_ prompt: Prompt, ifVersion version: Int) async throws -> Bool {
        guard let index = database.state.prompts.firstIndex(where: { $0.id == prompt.id }) else { return false }
        let stored = database.state.prompts[index]
        guard stored.version == version, stored.status.isPending else { return false }
        database.state.prompts[index] = prompt
        return true
    }

    func setExecution(_ status: ExecutionStatus, of prompt: PromptID) async throws {
        guard let index = database.state.prompts.firstIndex(where: { $0.id == prompt }) else { return }
        database.state.prompts[index].outcome?.execution = status
    }

    func record(_ decision: DecisionRecord) async throws { database.state.decisions.append(decision) }

    func decision(on prompt: PromptID, key: String) async throws -> DecisionRecord? {
        database.state.decisions.first { $0.prompt == prompt && $0.idempotencyKey == key }
    }
}

private struct MemoryViews: ViewRepository {
    let database: MemoryDatabase

    func append(_ changes: [ItemChange], to view: View) async throws -> [ViewChange] {
        changes.map { change in
            let seq = (database.state.positions[view] ?? 0) + 1
            database.state.positions[view] = seq
            return ViewChange(seq: seq, item: change.item, before: change.before, after: change.after)
        }
    }

    func position(of view: View) async throws -> Position {
        Position(epoch: "memory", seq: database.state.positions[view] ?? 0)
    }

    func changes(of view: View, after seq: Int64, limit: Int) async throws -> [ViewChange] { throw NotModelled() }
}

private struct MemoryAudit: AuditRepository {
    func append(_ entry: AuditEntry) async throws {}

    func list(action: String?, subject: String?, limit: Int, cursor: String?) async throws -> Page<AuditEntry>? {
        throw NotModelled()
    }
}
