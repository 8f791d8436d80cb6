public import Domain
public import JSON

/// One change of one flow, from the lock to the commit.
///
/// Each ``emit(_:)`` takes the next position and carries, as a patch, everything that changed in the stream document
/// outside `/state` since the event before: save a step, then emit `STEP_STARTED`. Used within one transaction, by one
/// task; it ends with it.
public final class FlowWriter {
    /// The transaction, for reads and for rows that no watcher sees.
    public let transaction: any StoreTransaction
    /// The flow as changed so far.
    public private(set) var flow: Flow
    /// The journal as changed so far.
    public private(set) var steps: [StepRecord]
    /// The prompts that wait for an answer, as changed so far.
    public private(set) var openPrompts: [Prompt]
    /// The time of everything in this change.
    public let now: Timestamp

    private let actor: String
    private let startSeq: Int64
    private let summaryBefore: JSON?
    private var outer: JSON
    private var events: [FlowEvent] = []
    private var promptChanges: [(id: PromptID, before: JSON?, after: JSON?)] = []
    private var isStateChanged = false

    /// The largest state, in bytes of its serialised form.
    public static let maximumStateBytes = 8 << 20
    /// How many prompts may wait in one flow.
    public static let maximumOpenPrompts = 500

    init(
        transaction: any StoreTransaction,
        flow: Flow,
        steps: [StepRecord],
        prompts: [Prompt],
        isNew: Bool,
        actor: String,
        now: Timestamp
    ) {
        self.transaction = transaction
        self.flow = flow
        self.steps = steps
        self.actor = actor
        self.now = now
        openPrompts = prompts
        startSeq = flow.seq
        summaryBefore = isNew ? nil : flow.summary
        outer = Self.outer(flow: flow, steps: steps, prompts: prompts)
    }

    /// Adds an AG-UI event at the next position and gives it its time.
    public func emit(_ event: JSON) {
        var event = event
        if case .object(var object) = event, object["timestamp"] == nil {
            object["timestamp"] = JSON(Int(now.milliseconds))
            event = .object(object)
        }
        let changed = Self.outer(flow: flow, steps: steps, prompts: openPrompts)
        let patch = JSONPatch.diff(from: outer, to: changed)
        outer = changed
        flow.seq += 1
        events.append(
            FlowEvent(
                seq: flow.seq,
                event: event,
                patch: patch.isEmpty ? nil : patch.json,
                digest: isStateChanged ? flow.state.digest : nil
            )
        )
        isStateChanged = false
    }

    /// Makes `state` the flow's state and emits the smallest `STATE_DELTA`; returns its patch. Emits nothing when nothing
    /// changes.
    /// - Throws: ``LedgerError/stateIsNotAnObject``, ``LedgerError/stateTooLarge(bytes:limit:)``.
    @discardableResult
    public func setState(_ state: JSON) throws -> JSONPatch {
        let patch = JSONPatch.diff(from: flow.state, to: state)
        if !patch.isEmpty { try take(state, patch: patch) }
        return patch
    }

    /// Applies an RFC 6902 patch to the state and emits it as `STATE_DELTA`. An empty patch emits nothing.
    /// - Throws: `JSONPatchError` naming the operation, ``LedgerError/stateIsNotAnObject``,
    ///   ``LedgerError/stateTooLarge(bytes:limit:)``.
    public func patchState(_ patch: JSONPatch) throws {
        guard !patch.isEmpty else { return }
        try take(try patch.apply(to: flow.state), patch: patch)
    }

    /// Applies an event that an agent sent: `STATE_DELTA` and `STATE_SNAPSHOT` change the state, everything else is only
    /// recorded.
    /// - Throws: as ``patchState(_:)``.
    public func apply(agentEvent event: JSON) throws {
        switch event["type"]?.string {
        case "STATE_DELTA":
            let patch = try JSONPatch(json: event["delta"] ?? .null)
            try check(try patch.apply(to: flow.state))
        case "STATE_SNAPSHOT":
            try check(event["snapshot"] ?? .null)
        default:
            break
        }
        emit(event)
    }

    /// Sets where the flow stands. Carried by the next event.
    public func set(status: FlowStatus, phase: String?) {
        flow.status = status
        flow.phase = phase
    }

    /// Begins a run: later events belong to it.
    public func begin(run: RunID) { flow.run = run }

    /// Stores a row of the journal. Carried by the next event.
    public func save(_ step: StepRecord) async throws {
        try await transaction.flows.save(step, of: flow.id)
        if let index = steps.firstIndex(where: { $0.name == step.name }) {
            steps[index] = step
        } else {
            steps.append(step)
        }
    }

    /// The journal's row of that step.
    public func step(_ name: String) -> StepRecord? { steps.first { $0.name == name } }

    /// Stores a new prompt. Carried by the next event.
    /// - Throws: ``LedgerError/tooManyOpenPrompts(limit:)``.
    public func open(_ prompt: Prompt) async throws {
        guard openPrompts.count < Self.maximumOpenPrompts else {
            throw LedgerError.tooManyOpenPrompts(limit: Self.maximumOpenPrompts)
        }
        try await transaction.prompts.insert(prompt)
        openPrompts.append(prompt)
        promptChanges.append((prompt.id, nil, prompt.json))
    }

    /// The one winner's write of a prompt; see ``PromptRepository/update(_:ifVersion:)``. Carried by the next event.
    /// - Returns: false when somebody else was first; nothing is changed then.
    public func update(_ prompt: Prompt, ifVersion version: Int) async throws -> Bool {
        guard try await transaction.prompts.update(prompt, ifVersion: version) else { return false }
        let index = openPrompts.firstIndex { $0.id == prompt.id }
        let before = index.map { openPrompts[$0].json }
        if let index {
            if prompt.status.isPending { openPrompts[index] = prompt } else { openPrompts.remove(at: index) }
        }
        promptChanges.append((prompt.id, before, prompt.status.isPending ? prompt.json : nil))
        return true
    }

    /// Adds a line to the audit log, in the same commit.
    public func audit(_ action: String, subject: String, channel: String, detail: JSON) async throws {
        try await transaction.audit.append(
            AuditEntry(at: now, actor: actor, channel: channel, action: action, subject: subject, detail: detail)
        )
    }

    /// Writes everything; the transaction commits after it.
    func finish() async throws -> Committed {
        if Self.outer(flow: flow, steps: steps, prompts: openPrompts) != outer {
            emit(["type": "CUSTOM", "name": "signalbox.updated", "value": [:]])
        }
        var committed = Committed(tenant: transaction.tenant, flow: flow.id, epoch: flow.epoch, events: events)
        if !events.isEmpty {
            flow.updatedAt = now
            flow.openPrompts = openPrompts.count
            guard try await transaction.flows.update(flow, ifSeq: startSeq) else { throw LedgerError.conflict }
            try await transaction.flows.append(events, to: flow.id, at: now, by: actor)
        }
        // The views' counters are locked last and in one order, so that no two commits wait for each other in a circle.
        if flow.summary != summaryBefore {
            committed.flows.append(
                try await transaction.views.append(
                    .flows,
                    item: flow.id.text,
                    before: summaryBefore,
                    after: flow.summary
                )
            )
        }
        for change in promptChanges {
            committed.prompts.append(
                try await transaction.views.append(
                    .prompts,
                    item: change.id.text,
                    before: change.before,
                    after: change.after
                )
            )
        }
        return committed
    }

    private func take(_ state: JSON, patch: JSONPatch) throws {
        try check(state)
        emit(["type": "STATE_DELTA", "delta": patch.json])
    }

    /// Checks a new state and makes it the flow's.
    private func check(_ state: JSON) throws {
        guard state.object != nil else { throw LedgerError.stateIsNotAnObject }
        let bytes = state.serialized().count
        guard bytes <= Self.maximumStateBytes else {
            throw LedgerError.stateTooLarge(bytes: bytes, limit: Self.maximumStateBytes)
        }
        flow.state = state
        isStateChanged = true
    }

    private static func outer(flow: Flow, steps: [StepRecord], prompts: [Prompt]) -> JSON {
        ["flow": flow.streamMember(steps: steps), "prompts": .array(prompts.map(\.json))]
    }
}
