public import Domain
import JSON
public import Ledger

/// What of a flow's journal a fork begins with: all that was over at a position, as if the new flow had done it.
struct FlowFork: Sendable {
    let steps: [StepRecord]
    let effects: [EffectRecord]

    /// - Parameters:
    ///   - position: what ended after it has not happened.
    ///   - asksAgain: what people decided, and all that followed from it, has not happened either.
    /// - Throws: ``FlowError/invalidInput(pointer:message:)`` when the steps do not fit the type as it is now.
    init(
        of steps: [StepRecord],
        _ effects: [EffectRecord],
        at position: Int64,
        asksAgain: Bool,
        in type: FlowType,
        now: Timestamp
    ) throws {
        func isOver(_ seq: Int64?) -> Bool { seq.map { $0 <= position } ?? false }
        var done = steps.filter { $0.status == .done && isOver($0.doneSeq) }
        var kept = effects.filter { $0.isDone && isOver($0.doneSeq) }
        for record in done where type.plan.node(record.name) == nil {
            throw FlowError.invalidInput(
                pointer: "/at",
                message: "is after step \(record.name), which version \(type.version) of \(type.name) does not have"
            )
        }
        if asksAgain { Self.forgetAnswers(&done, &kept, type.plan) }
        let stepsDone = Set(done.map(\.key))
        kept.removeAll { stepsDone.contains($0.step) || type.plan.node($0.step.name) == nil }
        // What was done within a step that is not over is not done again: the step goes on behind it.
        let begun = steps.filter { !stepsDone.contains($0.key) && kept.map(\.step).contains($0.key) }
            .map { record in
                StepRecord(
                    record.key,
                    iteration: record.iteration,
                    status: .ready,
                    attempt: 1,
                    startedAt: now
                )
            }
        // Before the first position, in the order in which they ended.
        let inOrder = done.sorted { ($0.doneSeq ?? 0) < ($1.doneSeq ?? 0) }
        self.steps =
            inOrder.enumerated().map { index, record in
                var record = record
                record.doneSeq = Int64(index - inOrder.count)
                return record
            } + begun
        self.effects = kept.map { effect in
            var effect = effect
            effect.doneSeq = 0
            return effect
        }
    }

    private static func forgetAnswers(_ done: inout [StepRecord], _ effects: inout [EffectRecord], _ plan: FlowPlan) {
        let asking = effects.filter { $0.kind == .ask }
        var forgotten = Set(
            done.map(\.key).filter { key in
                plan.node(key.name)?.kind == .prompt || asking.contains { $0.step == key }
            }
        )
        let journal = done
        while true {
            let more = journal.map(\.key).filter { key in
                !forgotten.contains(key) && plan.causes(of: key, journal).contains { forgotten.contains($0) }
            }
            guard !more.isEmpty else { break }
            forgotten.formUnion(more)
        }
        done.removeAll { forgotten.contains($0.key) }
        // Of a step that asked, what it did before its first question.
        effects.removeAll { effect in
            guard let first = asking.filter({ $0.step == effect.step }).compactMap(\.doneSeq).min() else {
                return forgotten.contains(effect.step)
            }
            return (effect.doneSeq ?? 0) >= first
        }
    }
}

extension FlowCommands {
    /// Makes a new flow of what a flow was at a position: its state, and what its steps had done. The new one goes on from there
    /// by itself; the old one stays as it is.
    ///
    /// - Parameters:
    ///   - position: which; nil for the present one.
    ///   - asksAgain: what people decided is asked again, and what followed from it done again.
    ///   - answer: makes the caller's answer, in the transaction that creates the flow.
    /// - Throws: ``LedgerError/noSuchFlow``, ``FlowError/unknownType(_:)``, ``FlowError/invalidInput(pointer:message:)``,
    ///   `HistoryGone`, or what `answer` throws; there is no flow then.
    public func fork<Answer: Sendable>(
        _ id: FlowID,
        at position: Int64?,
        title: String?,
        asksAgain: Bool,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter) async throws -> Answer
    ) async throws -> Answer {
        let (parent, state, steps, effects, seq) = try await past(of: id, at: position)
        let type = registry.type(parent.type)
        guard type != nil || parent.type == Flow.externalType else { throw FlowError.unknownType(parent.type) }
        let fork = try type.map {
            try FlowFork(of: steps, effects, at: seq, asksAgain: asksAgain, in: $0, now: now)
        }
        let creation = try FlowCreation(
            type: type,
            title: title ?? parent.title,
            state: state,
            metadata: parent.metadata,
            input: parent.input,
            parent: FlowParent(flow: id, seq: seq),
            by: principal.subject,
            at: now
        )
        let created = try await ledger.create(creation.flow, by: principal.subject) { writer in
            for step in fork?.steps ?? [] { writer.save(step) }
            for effect in fork?.effects ?? [] { writer.save(effect) }
            try await creation.begin(writer, channel: channel)
            return try await answer(writer)
        }
        engine.announce()
        return created
    }

    private func past(of id: FlowID, at position: Int64?) async throws
        -> (flow: Flow, state: JSON, steps: [StepRecord], effects: [EffectRecord], seq: Int64)
    {
        try await ledger.store.transaction(.snapshot) { transaction in
            let flows = transaction.flows
            guard let flow = try await flows.find(id, locked: false) else { throw LedgerError.noSuchFlow }
            let seq = position ?? flow.seq
            guard seq > 0, seq <= flow.seq else {
                throw FlowError.invalidInput(pointer: "/at", message: "must be a position from 1 to \(flow.seq)")
            }
            guard let state = try await FlowHistory(of: flow, in: transaction).state(at: seq) else {
                throw HistoryGone()
            }
            return (flow, state, try await flows.steps(of: id), try await flows.effects(of: id), seq)
        }
    }
}
