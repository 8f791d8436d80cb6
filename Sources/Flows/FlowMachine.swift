import Approvals
import Domain
import JSON
import Ledger

/// What happens to a flow's journal, and what its engine has to do then. Pure: each change is made on a draft, which is
/// committed or not.
///
/// Every change brings the flow as far as it comes without running a body: what became due is taken up, what can begin is
/// marked as begun, and where nothing is left the run is ended and the lease given back; all in one commit.
struct FlowMachine: Sendable {
    let type: FlowType
    let lease: Lease
    /// How often something was announced of the flow before it was looked at last.
    let seen: Int64
    let now: Timestamp

    /// How often a step's process may die in it.
    static let maximumDeaths = 20
    /// What is due so soon is waited for under the same lease, in microseconds.
    private static let shortWait: Int64 = 1_000_000

    // MARK: From outside

    /// Takes a flow up: what ran when its process lost it is begun again.
    func begin(_ draft: inout FlowDraft) throws -> FlowTurn {
        try Self.admit(&draft, lease)
        if draft.flow.status.isFinal { return Self.over(&draft, seen: seen) }
        for record in draft.steps where record.status == .running { interrupted(record, &draft) }
        return try advance(&draft, mayGiveBack: !draft.waitsForFlows)
    }

    /// Ends a flow that cannot be run here.
    static func refuse(_ draft: inout FlowDraft, _ lease: Lease, _ error: any Error & CustomStringConvertible) throws
        -> FlowTurn
    {
        try admit(&draft, lease)
        return draft.flow.status.isFinal
            ? over(&draft, seen: lease.wakes) : try fail(&draft, error.description, seen: lease.wakes)
    }

    /// Looks whether there is something new.
    /// - Parameter ended: flows of its own that have ended.
    func look(_ draft: inout FlowDraft, ended: [FlowID: Flow]) throws -> FlowTurn {
        try Self.admit(&draft, lease)
        if draft.flow.status.isFinal { return Self.over(&draft, seen: seen) }
        for effect in draft.effects where !effect.isDone && effect.kind == .flow {
            guard let child = effect.flow.flatMap({ ended[$0] }) else { continue }
            resolve(effect, ["status": JSON(child.status.rawValue), "state": child.state], &draft)
        }
        return try advance(&draft)
    }

    // MARK: What became of a step

    /// The body came to a result.
    func finished(
        _ start: StepStart,
        _ result: JSON,
        _ draft: inout FlowDraft,
        staged: (inout FlowDraft) throws -> Void
    ) throws -> FlowTurn {
        var record = try Self.running(start.key, attempt: start.attempt, lease, &draft)
        try staged(&draft)
        record.status = .done
        record.result = result
        record.finishedAt = now
        record.doneSeq = draft.flow.seq + 1
        draft.save(record)
        draft.emit(["type": "STEP_FINISHED", "stepName": JSON(start.key.name)])
        return try advance(&draft)
    }

    /// The body has asked people; their answer is its result.
    func asked(_ start: StepStart, _ draft: inout FlowDraft) throws {
        var record = try Self.running(start.key, attempt: start.attempt, lease, &draft)
        record.status = .waiting
        draft.save(record)
        draft.emit(["type": "STEP_FINISHED", "stepName": JSON(start.key.name)])
    }

    /// The body waits for what some of its effects come to.
    func suspended(_ start: StepStart, on awaited: Set<String>, _ draft: inout FlowDraft) throws -> FlowTurn {
        var record = try Self.running(start.key, attempt: start.attempt, lease, &draft)
        let effects = draft.effects.filter { $0.step == start.key && awaited.contains($0.name) }
        let pending = effects.filter { !$0.isDone }
        record.status =
            pending.count < awaited.count ? .ready : pending.contains { $0.kind == .ask } ? .waiting : .suspended
        record.dueAt = pending.compactMap(\.dueAt).min()
        draft.save(record)
        draft.emit(["type": "STEP_FINISHED", "stepName": JSON(start.key.name)])
        return try advance(&draft)
    }

    /// The attempt failed.
    /// - Parameters:
    ///   - isLasting: another attempt would fail in the same way.
    ///   - random: from 0 below 1.
    func failed(
        _ start: StepStart,
        _ message: String,
        isLasting: Bool,
        random: Double,
        _ draft: inout FlowDraft
    ) throws -> FlowTurn {
        var record = try Self.running(start.key, attempt: start.attempt, lease, &draft)
        record.failures += 1
        let wait = isLasting ? nil : start.node.policy.retry.wait(after: record.failures, random: random)
        fail(&record, message, due: wait.map { Timestamp(microseconds: now.microseconds + $0) }, &draft)
        return try advance(&draft)
    }

    /// The attempt says nothing about the step: it is begun again.
    func interrupted(_ start: StepStart, _ draft: inout FlowDraft) throws -> FlowTurn {
        interrupted(try Self.running(start.key, attempt: start.attempt, lease, &draft), &draft)
        return try advance(&draft)
    }

    /// The attempt was not begun, for what it uses is to be left alone.
    func postponed(_ start: StepStart, until due: Timestamp, _ draft: inout FlowDraft) throws -> FlowTurn {
        var record = try Self.running(start.key, attempt: start.attempt, lease, &draft)
        record.attempt -= 1
        fail(&record, "It has failed too often lately, in this or other flows.", due: due, &draft)
        return try advance(&draft)
    }

    // MARK: Admission

    /// Has the draft be committed only while the lease is held. What is known of leases may be out of date, unless it was just
    /// read: then only a later one says for certain that this one is over. Else the commit finds out.
    private static func admit(_ draft: inout FlowDraft, _ lease: Lease) throws {
        let isLost =
            draft.isFresh ? draft.lastLease != lease.number : draft.lastLease.map { $0 > lease.number } ?? false
        guard !isLost else { throw FlowLost() }
        draft.require(lease: lease.number)
    }

    /// The row of an attempt that still counts.
    static func running(
        _ key: StepKey,
        attempt: Int,
        _ lease: Lease,
        _ draft: inout FlowDraft
    ) throws -> StepRecord {
        try admit(&draft, lease)
        guard !draft.flow.status.isFinal, let record = draft.step(key), record.status == .running,
            record.attempt == attempt
        else { throw AttemptLost() }
        return record
    }

    // MARK: Rows

    private func fail(_ record: inout StepRecord, _ message: String, due: Timestamp?, _ draft: inout FlowDraft) {
        record.status = due == nil ? .failed : .retrying
        record.error = String(message.prefix(2000))
        record.finishedAt = now
        record.dueAt = due
        var value: JSONObject = [
            "step": JSON(record.name), "attempt": JSON(record.attempt), "error": JSON(record.error ?? ""),
        ]
        if let due { value["retry_at"] = JSON(due.rfc3339) }
        draft.emit(["type": "CUSTOM", "name": "signalbox.step.failed", "value": .object(value)])
        draft.save(record)
        draft.emit(["type": "STEP_FINISHED", "stepName": JSON(record.name)])
    }

    private func interrupted(_ record: StepRecord, _ draft: inout FlowDraft) {
        var record = record
        guard record.attempt - record.failures < Self.maximumDeaths else {
            let error = StepError.diedTooOften(step: record.name, attempts: record.attempt)
            return fail(&record, error.description, due: nil, &draft)
        }
        draft.emit([
            "type": "CUSTOM", "name": "signalbox.step.interrupted",
            "value": ["step": JSON(record.name), "attempt": JSON(record.attempt)],
        ])
        record.status = .ready
        record.attempt += 1
        draft.save(record)
        draft.emit(["type": "STEP_FINISHED", "stepName": JSON(record.name)])
    }

    /// What a step waits for has come.
    private func resolve(_ effect: EffectRecord, _ result: JSON?, _ draft: inout FlowDraft) {
        var effect = effect
        effect.isDone = true
        effect.result = result
        effect.doneSeq = draft.flow.seq + 1
        draft.save(effect)
        draft.wake(effect.step)
    }

    // MARK: As far as it comes

    func advance(_ draft: inout FlowDraft, mayGiveBack: Bool = true) throws -> FlowTurn {
        var turn = FlowTurn()
        for effect in draft.effects where !effect.isDone && effect.kind == .sleep {
            if let due = effect.dueAt, due <= now { resolve(effect, nil, &draft) }
        }
        for var record in draft.steps where record.status == .retrying {
            guard let due = record.dueAt, due <= now else { continue }
            record.status = .ready
            record.attempt += 1
            draft.save(record)
        }
        if type.onFailure != .failFast || !draft.steps.contains(where: { $0.status == .failed }) {
            for record in draft.steps where record.status == .ready { start(record, &draft, &turn) }
            for ready in type.plan.ready(draft.steps) { try start(ready, &draft, &turn) }
        }
        try settle(&draft, &turn, mayGiveBack: mayGiveBack)
        return turn
    }

    private func start(_ ready: ReadyStep, _ draft: inout FlowDraft, _ turn: inout FlowTurn) throws {
        var record = StepRecord(
            ready.key,
            iteration: ready.iteration,
            status: .running,
            attempt: 1,
            startedAt: now
        )
        if let limit = ready.node.policy.rounds, ready.key.round > limit {
            let error = StepError.tooManyRounds(step: ready.key.name, limit: limit)
            openRun(&draft)
            draft.emit(["type": "STEP_STARTED", "stepName": JSON(record.name)])
            return fail(&record, error.description, due: nil, &draft)
        }
        if ready.node.kind == .race { try skipLosers(of: ready, &draft, &turn) }
        start(record, &draft, &turn)
    }

    private func start(_ record: StepRecord, _ draft: inout FlowDraft, _ turn: inout FlowTurn) {
        guard let node = type.plan.node(record.name) else { return }
        var record = record
        openRun(&draft)
        record.status = .running
        record.error = nil
        record.startedAt = now
        record.finishedAt = nil
        record.dueAt = nil
        draft.save(record)
        draft.set(status: .running, phase: record.name)
        draft.emit(["type": "STEP_STARTED", "stepName": JSON(record.name)])
        turn.starts.append(
            StepStart(
                node: node,
                key: record.key,
                iteration: record.iteration,
                attempt: record.attempt,
                failures: record.failures,
                flow: draft.flow,
                causes: type.plan.causes(of: record.key, draft.steps),
                results: type.plan.results(for: record.key, iteration: record.iteration, draft.steps),
                effects: draft.effects.filter { $0.step == record.key }
            )
        )
    }

    /// A race has its winner.
    private func skipLosers(of race: ReadyStep, _ draft: inout FlowDraft, _ turn: inout FlowTurn) throws {
        let names = race.node.condition?.steps ?? []
        let prompts = draft.openPrompts.filter { prompt in names.contains { prompt.isAsked(by: $0) } }
        guard prompts.isEmpty else { throw PromptsAreOpen(prompts: prompts.map(\.id)) }
        for name in names {
            let last = draft.step(name)
            var record: StepRecord
            if let last, !last.status.isFinal {
                record = last
            } else if (last?.iteration ?? 0) < race.iteration {
                let key = StepKey(name, round: (last?.key.round ?? 0) + 1)
                record = StepRecord(key, iteration: race.iteration, status: .skipped, attempt: 0, startedAt: now)
            } else {
                continue
            }
            let wasRunning = record.status == .running
            record.status = .skipped
            record.finishedAt = now
            record.dueAt = nil
            draft.save(record)
            guard wasRunning else { continue }
            turn.stops.append(record.key)
            draft.emit(["type": "STEP_FINISHED", "stepName": JSON(name)])
        }
    }

    private func openRun(_ draft: inout FlowDraft) {
        guard draft.flow.status != .running else { return }
        let parent = draft.flow.run
        let run = RunID.generate()
        draft.begin(run: run)
        draft.set(status: .running, phase: draft.flow.phase)
        var event: JSONObject = [
            "type": "RUN_STARTED", "threadId": JSON(draft.flow.id.text), "runId": JSON(run.text),
        ]
        if let parent { event["parentRunId"] = JSON(parent.text) }
        draft.emit(.object(event))
    }

    // MARK: The end

    private func settle(_ draft: inout FlowDraft, _ turn: inout FlowTurn, mayGiveBack: Bool) throws {
        turn.due = draft.steps.filter { !$0.status.isFinal }.compactMap(\.dueAt).min()
        if draft.steps.contains(where: { $0.status == .running }) { return }
        let failed = draft.steps.filter { $0.status == .failed }
        let isOpen = draft.steps.contains { !$0.status.isFinal }
        if !failed.isEmpty, type.onFailure == .failFast || !isOpen && type.onFailure == .collect {
            let reasons = failed.map { $0.error ?? "step \($0.name) failed" }
            turn = try Self.fail(&draft, reasons.joined(separator: "; "), seen: seen)
        } else if !isOpen {
            endRun(&draft, .succeeded, ["type": "success"])
            turn = Self.over(&draft, seen: seen)
        } else {
            if draft.flow.status == .running, draft.steps.contains(where: { $0.status == .waiting }) {
                draft.set(status: .waiting, phase: draft.openPrompts.first?.step ?? draft.flow.phase)
                let interrupts = draft.openPrompts.map(\.interrupt)
                endRun(&draft, .waiting, ["type": "interrupt", "interrupts": .array(interrupts)])
            }
            let isSoon = turn.due.map { $0.microseconds - now.microseconds < Self.shortWait } ?? false
            guard mayGiveBack, !isSoon else { return }
            draft.set(work: .giveBack(due: turn.due, seen: seen))
            turn.isOver = true
        }
    }

    /// Ends the flow.
    private static func fail(_ draft: inout FlowDraft, _ message: String, seen: Int64) throws -> FlowTurn {
        guard draft.openPrompts.isEmpty else { throw PromptsAreOpen(prompts: draft.openPrompts.map(\.id)) }
        draft.set(status: .failed, phase: draft.flow.phase)
        draft.emit(["type": "RUN_ERROR", "message": JSON(message)])
        return over(&draft, seen: seen)
    }

    private func endRun(_ draft: inout FlowDraft, _ status: FlowStatus, _ outcome: JSON) {
        draft.set(status: status, phase: draft.flow.phase)
        draft.emit([
            "type": "RUN_FINISHED", "threadId": JSON(draft.flow.id.text),
            "runId": JSON(draft.flow.run?.text ?? draft.flow.id.text), "outcome": outcome,
        ])
    }

    /// Whatever else is announced of a flow that has ended needs nobody; a retry is announced after it.
    private static func over(_ draft: inout FlowDraft, seen: Int64) -> FlowTurn {
        draft.set(work: .giveBack(due: nil, seen: seen))
        var turn = FlowTurn()
        turn.isOver = true
        return turn
    }
}

extension FlowDraft {
    /// Whether a flow that one of its steps started may have ended unnoticed.
    var waitsForFlows: Bool { effects.contains { !$0.isDone && $0.kind == .flow } }

    /// Has a step go on that waits for what has come. One that runs finds out when it is about to wait.
    mutating func wake(_ key: StepKey) {
        guard var record = step(key), record.status == .waiting || record.status == .suspended else { return }
        record.status = .ready
        record.dueAt = nil
        save(record)
    }
}

extension Prompt {
    /// Whether a step asks this, as a whole or within its body.
    func isAsked(by name: String) -> Bool { step == name || step.hasPrefix(name + "/") }
}
