public import Domain
public import JSON

/// Which of the things that steps did.
private struct EffectKey: Hashable {
    let step: StepKey
    let name: String
}

/// A flow in the making: what changes are made of it, and the events that tell of them. Pure.
///
/// Each ``emit(_:)`` takes the next position and carries, as a patch, everything that changed in the stream document
/// outside `/state` since the event before.
public struct FlowDraft: Sendable {
    /// The flow as changed so far.
    public private(set) var flow: Flow
    /// The journal as changed so far.
    public private(set) var steps: [StepRecord]
    /// What those of its steps did that are not over, as changed so far.
    public private(set) var effects: [EffectRecord]
    /// The prompts that wait for an answer, as changed so far.
    public private(set) var openPrompts: [Prompt]
    /// The number of the last lease on the flow, as far as that is known.
    public let lastLease: Int64?
    /// Whether the flow was read for this change, so that what is not told by its position is up to date, too.
    public let isFresh: Bool
    /// The time of what is changed now.
    public private(set) var now: Timestamp

    private var actor: String
    private let start: FlowVersion
    private let isNew: Bool
    private var events: [AppendedEvent] = []
    private var snapshots: [FlowSnapshot] = []
    private var changedSteps: [StepKey: StepRecord] = [:]
    private var changedEffects: [EffectKey: EffectRecord] = [:]
    private var lease: Int64?
    private var work: WorkChange?
    /// The flow's line in the live list before the first change outside the state, of which most writes make none.
    private var lineBefore: JSON?
    /// The stream document outside `/state` as the events so far tell it; nil while nothing of it has changed.
    private var told: JSON?
    /// What follows from the journal, once it was needed.
    private var summary: JournalSummary?
    /// Whether ``told`` may differ from what is.
    private var isOuterChanged = false
    private var isJournalChanged = false
    private var isStateChanged = false
    /// The digest of the state, where it was computed.
    private var knownDigest: String?
    /// Bytes of the changed state, in serialised form; 0 when it is what it was.
    private(set) var changedBytes = 0

    init(_ record: FlowRecord, isNew: Bool, isFresh: Bool = false, actor: String, now: Timestamp) {
        flow = record.flow
        steps = record.steps
        effects = record.effects
        openPrompts = record.openPrompts
        lastLease = record.lease
        self.isFresh = isFresh
        self.actor = actor
        self.now = now
        start = record.version
        summary = record.summary
        self.isNew = isNew
        if isNew {
            told = flow.outsideBeforeEvents
            isOuterChanged = true
        }
        keepStateOfFormerDays()
    }

    /// The digest of the state.
    public var digest: String { knownDigest ?? flow.state.digest }

    // MARK: Changes

    /// Adds an AG-UI event at the next position and gives it its time.
    public mutating func emit(_ event: JSON) {
        var event = event
        if case .object(var object) = event, object["timestamp"] == nil {
            object["timestamp"] = JSON(Int(now.milliseconds))
            event = .object(object)
        }
        let patch = tellOuter()
        let digest = isStateChanged ? self.digest : nil
        knownDigest = digest ?? knownDigest
        flow.seq += 1
        let made = FlowEvent(
            seq: flow.seq,
            event: event,
            patch: patch.isEmpty ? nil : patch.json,
            digest: digest
        )
        events.append(AppendedEvent(event: made, actor: actor, at: eventTime))
        isStateChanged = false
        isJournalChanged = false
    }

    /// Makes `state` the flow's state and emits the smallest `STATE_DELTA`; returns its patch. Emits nothing when nothing
    /// changes.
    /// - Throws: ``LedgerError/stateIsNotAnObject``, ``LedgerError/stateTooLarge(bytes:limit:)``.
    @discardableResult
    public mutating func setState(_ state: JSON) throws -> JSONPatch {
        let patch = JSONPatch.diff(from: flow.state, to: state)
        if !patch.isEmpty { try take(state, patch: patch) }
        return patch
    }

    /// Applies an RFC 6902 patch to the state and emits it as `STATE_DELTA`. An empty patch emits nothing.
    /// - Throws: `JSONPatchError` naming the operation, ``LedgerError/stateIsNotAnObject``,
    ///   ``LedgerError/stateTooLarge(bytes:limit:)``.
    public mutating func patchState(_ patch: JSONPatch) throws {
        guard !patch.isEmpty else { return }
        try take(try patch.apply(to: flow.state), patch: patch)
    }

    /// Applies an event that an agent sent: `STATE_DELTA` and `STATE_SNAPSHOT` change the state, everything else is only
    /// recorded.
    /// - Throws: as ``patchState(_:)``.
    public mutating func apply(agentEvent event: JSON) throws {
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
    public mutating func set(status: FlowStatus, phase: String?) {
        changeOuter()
        flow.status = status
        flow.phase = phase
    }

    /// Begins a run: later events belong to it.
    public mutating func begin(run: RunID) {
        changeOuter()
        flow.run = run
    }

    /// The journal's row of that step in its last round.
    public func step(_ name: String) -> StepRecord? { steps.last { $0.name == name } }

    /// The journal's row.
    public func step(_ key: StepKey) -> StepRecord? { steps.last { $0.key == key } }

    /// Stores a row of the journal. Carried by the next event; what the step did is over when it is.
    public mutating func save(_ step: StepRecord) {
        changeOuter()
        let index = steps.lastIndex { $0.key == step.key }
        let old = index.map { steps[$0] }
        if let index { steps[index] = step } else { steps.append(step) }
        let last = self.step(step.name) ?? step
        summary?.replace(old, by: step, last: last)
        if step.status == .done {
            summary?.forget(effects.filter { $0.step == step.key })
            effects.removeAll { $0.step == step.key }
        }
        changedSteps[step.key] = step
        isJournalChanged = true
    }

    /// What a step did under that name.
    public func effect(_ name: String, of step: StepKey) -> EffectRecord? {
        effects.first { $0.step == step && $0.name == name }
    }

    /// Stores what a step did. Carried by the next event.
    public mutating func save(_ effect: EffectRecord) {
        changeOuter()
        let index = effects.firstIndex { $0.step == effect.step && $0.name == effect.name }
        summary?.replace(index.map { effects[$0] }, by: effect)
        if let index { effects[index] = effect } else { effects.append(effect) }
        changedEffects[EffectKey(step: effect.step, name: effect.name)] = effect
        isJournalChanged = true
    }

    /// Has this be written only while the lease of that number is the last one.
    public mutating func require(lease number: Int64) { lease = number }

    /// Changes the flow's place in the queue of work, in the same commit.
    public mutating func set(work: WorkChange) { self.work = work }

    /// Takes a prompt, which is stored in the same transaction. Carried by the next event.
    mutating func take(_ prompt: Prompt) {
        changeOuter()
        let index = openPrompts.firstIndex { $0.id == prompt.id }
        if !prompt.status.isPending {
            if let index { openPrompts.remove(at: index) }
        } else if let index {
            openPrompts[index] = prompt
        } else {
            openPrompts.append(prompt)
        }
    }

    /// The time of an event that is emitted now. Clocks of several nodes may differ.
    private var eventTime: Timestamp { max(now, events.last?.at ?? flow.updatedAt) }

    /// Old events are dropped by whole days: what is kept of a flow must begin with a state.
    private mutating func keepStateOfFormerDays() {
        let last = events.last?.at ?? flow.updatedAt
        guard flow.seq > 0, last.days < now.days, snapshots.last?.at.days != now.days else { return }
        snapshots.append(FlowSnapshot(seq: flow.seq, state: flow.state, outside: outer(), at: now))
    }

    /// Comes before every change of what the document shows beside the state.
    private mutating func changeOuter() {
        isOuterChanged = true
        told = told ?? outer()
        lineBefore = lineBefore ?? flow.summary
    }

    private mutating func take(_ state: JSON, patch: JSONPatch) throws {
        try check(state)
        emit(["type": "STATE_DELTA", "delta": patch.json])
    }

    /// Checks a new state and makes it the flow's.
    private mutating func check(_ state: JSON) throws {
        guard state.object != nil else { throw LedgerError.stateIsNotAnObject }
        let bytes = state.serializedSize(upTo: FlowWriter.maximumStateBytes)
        guard bytes <= FlowWriter.maximumStateBytes else {
            throw LedgerError.stateTooLarge(bytes: bytes, limit: FlowWriter.maximumStateBytes)
        }
        flow.state = state
        isStateChanged = true
        knownDigest = nil
        changedBytes = bytes
    }

    // MARK: Several writes

    /// Makes one of several writes that share a commit; where it throws, all is as before.
    mutating func attempt<Result>(
        by actor: String,
        at now: Timestamp,
        _ body: (inout FlowDraft) throws -> Result
    ) throws -> Result {
        let (flow, steps, effects, openPrompts) = (self.flow, self.steps, self.effects, self.openPrompts)
        let (changedSteps, changedEffects, lease, work) = (
            self.changedSteps, self.changedEffects, self.lease, self.work
        )
        let (told, summary, count, changedBytes) = (self.told, self.summary, events.count, self.changedBytes)
        self.actor = actor
        self.now = now
        keepStateOfFormerDays()
        do {
            let result = try body(&self)
            tellRest()
            return result
        } catch {
            self.flow = flow
            self.steps = steps
            self.effects = effects
            self.openPrompts = openPrompts
            self.changedSteps = changedSteps
            self.changedEffects = changedEffects
            self.lease = lease
            self.work = work
            self.told = told
            self.summary = summary
            self.changedBytes = changedBytes
            knownDigest = nil
            events.removeSubrange(count...)
            (isOuterChanged, isJournalChanged, isStateChanged) = (false, false, false)
            throw error
        }
    }

    // MARK: The end

    /// Emits what was changed and no event has told yet.
    mutating func tellRest() {
        // A row of the journal holds more than the document shows of it, and whoever knows the position knows all of it.
        let isUntold = isOuterChanged && (isJournalChanged || outer() != told)
        // A new flow begins with an event, whatever was done with it.
        if isUntold || isNew && events.isEmpty {
            emit(["type": "CUSTOM", "name": "signalbox.updated", "value": [:]])
        }
        isOuterChanged = false
    }

    /// After so many events at most the state is kept, so that no more have to be folded for a state at a position.
    private static let snapshotInterval: Int64 = 1000

    /// Whether anything is to be written.
    private var isChanged: Bool { !events.isEmpty || work != nil }

    /// What is to be written; nil for nothing.
    mutating func change() -> FlowChange? {
        guard isChanged else { return nil }
        let last = events.last?.at ?? flow.updatedAt
        flow.updatedAt = last
        flow.openPrompts = openPrompts.count
        if start.seq / Self.snapshotInterval < flow.seq / Self.snapshotInterval {
            snapshots.append(FlowSnapshot(seq: flow.seq, state: flow.state, outside: outer(), at: last))
        }
        return FlowChange(
            flow: flow,
            isStateChanged: changedBytes > 0,
            expected: start,
            events: events,
            snapshots: snapshots,
            line: line,
            steps: steps.filter { changedSteps[$0.key] != nil },
            effects: changedEffects.values.sorted { ($0.step, $0.name) < ($1.step, $1.name) },
            lease: lease,
            work: work
        )
    }

    /// The flow's line in the live list, where that changes.
    private var line: ItemChange? {
        guard isNew || lineBefore != nil else { return nil }
        let (old, new) = (isNew ? nil : lineBefore, flow.summary)
        return old == new ? nil : ItemChange(item: flow.id.text, before: old, after: new)
    }

    /// All that is known of the flow once this is committed.
    func record(as id: CommitID) -> FlowRecord {
        FlowRecord(
            flow: flow,
            commit: isChanged ? id : start.commit,
            steps: steps,
            effects: effects,
            openPrompts: openPrompts,
            lease: lastLease,
            summary: summary
        )
    }

    private mutating func tellOuter() -> JSONPatch {
        guard isOuterChanged, let told else { return JSONPatch(operations: []) }
        isOuterChanged = false
        let changed = outer()
        self.told = changed
        return JSONPatch.diff(from: told, to: changed)
    }

    private mutating func outer() -> JSON {
        let summary = summary ?? JournalSummary(steps: steps, effects: effects)
        self.summary = summary
        return ["flow": flow.streamMember(steps: summary.shown), "prompts": .array(openPrompts.map(\.json))]
    }
}
