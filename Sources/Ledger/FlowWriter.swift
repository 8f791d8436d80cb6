public import Domain
public import JSON

/// One change of one flow in a transaction of its own, from the lock to the commit: a ``FlowDraft``, and what is stored
/// beside it in the same commit.
///
/// Save a step, then emit `STEP_STARTED`. Used within one transaction, by one task; it ends with it.
public final class FlowWriter {
    /// The transaction, for reads and for rows that no watcher sees.
    public let transaction: any StoreTransaction
    private var draft: FlowDraft
    private let actor: String
    private var promptChanges: [ItemChange] = []

    /// The largest state, in bytes of its serialised form.
    public static let maximumStateBytes = 8 << 20
    /// How many prompts may wait in one flow.
    public static let maximumOpenPrompts = 500

    init(transaction: any StoreTransaction, record: FlowRecord, isNew: Bool, actor: String, now: Timestamp) {
        self.transaction = transaction
        self.actor = actor
        draft = FlowDraft(record, isNew: isNew, actor: actor, now: now)
    }

    /// The flow as changed so far.
    public var flow: Flow { draft.flow }
    /// The journal as changed so far.
    public var steps: [StepRecord] { draft.steps }
    /// What those of its steps did that are not over, as changed so far.
    public var effects: [EffectRecord] { draft.effects }
    /// The prompts that wait for an answer, as changed so far.
    public var openPrompts: [Prompt] { draft.openPrompts }
    /// The time of everything in this change.
    public var now: Timestamp { draft.now }

    /// Changes the draft.
    public func change<Result>(_ body: (inout FlowDraft) throws -> Result) rethrows -> Result { try body(&draft) }

    /// See ``FlowDraft/emit(_:)``.
    public func emit(_ event: JSON) { draft.emit(event) }

    /// See ``FlowDraft/setState(_:)``.
    @discardableResult
    public func setState(_ state: JSON) throws -> JSONPatch { try draft.setState(state) }

    /// See ``FlowDraft/set(status:phase:)``.
    public func set(status: FlowStatus, phase: String?) { draft.set(status: status, phase: phase) }

    /// See ``FlowDraft/begin(run:)``.
    public func begin(run: RunID) { draft.begin(run: run) }

    /// See ``FlowDraft/step(_:)``.
    public func step(_ name: String) -> StepRecord? { draft.step(name) }

    /// See ``FlowDraft/save(_:)``.
    public func save(_ step: StepRecord) { draft.save(step) }

    /// See ``FlowDraft/save(_:)``.
    public func save(_ effect: EffectRecord) { draft.save(effect) }

    /// See ``FlowDraft/set(work:)``.
    public func set(work: WorkChange) { draft.set(work: work) }

    /// Stores a new prompt. Carried by the next event.
    /// - Throws: ``LedgerError/tooManyOpenPrompts(limit:)``.
    public func open(_ prompt: Prompt) async throws {
        guard openPrompts.count < Self.maximumOpenPrompts else {
            throw LedgerError.tooManyOpenPrompts(limit: Self.maximumOpenPrompts)
        }
        try await transaction.prompts.insert(prompt)
        draft.take(prompt)
        promptChanges.append(ItemChange(item: prompt.id.text, before: nil, after: prompt.json))
    }

    /// The one winner's write of a prompt; see ``PromptRepository/update(_:ifVersion:)``. Carried by the next event.
    /// - Returns: false when somebody else was first; nothing is changed then.
    public func update(_ prompt: Prompt, ifVersion version: Int) async throws -> Bool {
        guard try await transaction.prompts.update(prompt, ifVersion: version) else { return false }
        let before = openPrompts.first { $0.id == prompt.id }?.json
        draft.take(prompt)
        promptChanges.append(
            ItemChange(item: prompt.id.text, before: before, after: prompt.status.isPending ? prompt.json : nil)
        )
        return true
    }

    /// Adds a line to the audit log, in the same commit.
    public func audit(_ action: String, subject: String, channel: String, detail: JSON) async throws {
        try await transaction.audit.append(
            AuditEntry(at: now, actor: actor, channel: channel, action: action, subject: subject, detail: detail)
        )
    }

    /// Writes everything; the transaction commits after it.
    func finish(as id: CommitID) async throws -> (committed: Committed, record: FlowRecord) {
        draft.tellRest()
        var committed = Committed(tenant: transaction.tenant, flow: flow.id, epoch: flow.epoch)
        let change = draft.change()
        if let change {
            committed.events = change.events.map(\.event)
            committed.runnable = change.runnable.count
            guard try await transaction.flows.commit([change], as: id).contains(flow.id) else {
                throw LedgerError.conflict
            }
        }
        // The views' counters are locked last and in one order, so that no two commits wait for each other in a circle.
        if let line = change?.line { committed.flows = try await transaction.views.append([line], to: .flows) }
        if !promptChanges.isEmpty {
            committed.prompts = try await transaction.views.append(promptChanges, to: .prompts)
        }
        return (committed, draft.record(as: id))
    }
}
