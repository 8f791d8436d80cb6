import Approvals
public import Domain
public import JSON
public import Ledger

/// What can be done with flows from outside: the commands behind every API.
public struct FlowCommands: Sendable {
    let ledger: Ledger
    let registry: FlowRegistry
    let engine: FlowEngine

    /// The longest title, in characters.
    public static let maximumTitle = 200
    /// The largest batch of events.
    public static let maximumEvents = 1000

    /// Creates the commands of a process.
    public init(ledger: Ledger, registry: FlowRegistry, engine: FlowEngine) {
        self.ledger = ledger
        self.registry = registry
        self.engine = engine
    }

    /// The types that can be started, `external` included.
    public var types: [String] { registry.names + [Flow.externalType] }

    /// A registered type as clients see it, `{type, graph}`; nil when there is none of this name.
    public func description(of type: String) -> JSON? {
        registry.type(type).map { ["type": JSON($0.name), "graph": $0.plan.graph] }
    }

    /// Creates a flow; a native one starts to run.
    ///
    /// - Parameter answer: makes the caller's answer, in the transaction that creates the flow.
    /// - Throws: ``FlowError/unknownType(_:)``, ``FlowError/invalidInput(pointer:message:)``,
    ///   ``LedgerError/stateIsNotAnObject``, or what `answer` throws; there is no flow then.
    public func create<Answer: Sendable>(
        type name: String,
        title: String?,
        state: JSON?,
        metadata: JSON?,
        input: JSON?,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter) async throws -> Answer
    ) async throws -> Answer {
        let type = registry.type(name)
        guard type != nil || name == Flow.externalType else { throw FlowError.unknownType(name) }
        let creation = try FlowCreation(
            type: type,
            title: title,
            state: state,
            metadata: metadata,
            input: input,
            by: principal.subject,
            at: now
        )
        let created = try await ledger.create(creation.flow, by: principal.subject) { writer in
            try await creation.begin(writer, channel: channel)
            return try await answer(writer)
        }
        engine.announce()
        return created
    }

    /// Changes the state by a patch or replaces it.
    ///
    /// - Parameter seq: the position the caller expects the flow at, if it does.
    /// - Returns: the position after the change, the state's digest, and the patch that was made of it.
    /// - Throws: ``LedgerError/moved(seq:)``, ``FlowError/invalidState(_:)``, `JSONPatchError`.
    public func change(
        _ id: FlowID,
        _ change: StateChange,
        ifSeq seq: Int64?,
        by principal: Principal,
        at now: Timestamp = .now()
    ) async throws -> (seq: Int64, digest: String, patch: JSON) {
        try await ledger.change(id, by: principal.subject, at: now) { [registry] draft in
            if let seq, seq != draft.flow.seq { throw LedgerError.moved(seq: draft.flow.seq) }
            guard !draft.flow.status.isFinal else { throw LedgerError.flowHasEnded(draft.flow.status) }
            let applied: JSONPatch
            switch change {
            case .patch(let patch):
                try draft.patchState(patch)
                applied = patch
            case .merge(let patch):
                applied = try draft.setState(MergePatch.apply(patch, to: draft.flow.state))
            case .replace(let state):
                applied = try draft.setState(state)
            }
            try registry.type(draft.flow.type, version: draft.flow.version)?.checkState(draft.flow.state)
            return (draft.flow.seq, draft.digest, applied.json)
        }
    }

    /// Appends AG-UI events of an agent, all or none. A flow that has succeeded or failed may be run again; one that was
    /// cancelled stays so, whatever its agent still sends.
    ///
    /// - Throws: ``FlowError/nativeFlow``, ``LedgerError/flowHasEnded(_:)``,
    ///   ``FlowError/invalidInput(pointer:message:)`` naming the event; nothing is appended then.
    public func append(
        _ events: [JSON],
        to id: FlowID,
        by principal: Principal,
        at now: Timestamp = .now()
    ) async throws -> AppendedEvents {
        let events = try Self.agentEvents(events)
        // Taking prompts back is more than a change of the flow.
        guard events.allSatisfy({ $0.end == nil }) else {
            return try await append(events, to: id, by: principal, at: now) { _, appended in appended }
        }
        return try await ledger.change(id, by: principal.subject, at: now) { draft in
            try Self.check(draft.flow)
            let first = draft.flow.seq + 1
            for (index, event) in events.enumerated() { try Self.apply(event, at: index, to: &draft) }
            return AppendedEvents(first: first, last: draft.flow.seq, epoch: draft.flow.epoch)
        }
    }

    /// Appends AG-UI events in a transaction of their own: see ``append(_:to:by:at:)``.
    ///
    /// - Parameter answer: makes the caller's answer in the same transaction.
    /// - Throws: also what `answer` throws; nothing is appended then.
    public func append<Answer: Sendable>(
        _ events: [JSON],
        to id: FlowID,
        by principal: Principal,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter, AppendedEvents) async throws -> Answer
    ) async throws -> Answer {
        try await append(Self.agentEvents(events), to: id, by: principal, at: now, answering: answer)
    }

    private func append<Answer: Sendable>(
        _ events: [AgentEvent],
        to id: FlowID,
        by principal: Principal,
        at now: Timestamp,
        answering answer: @Sendable (FlowWriter, AppendedEvents) async throws -> Answer
    ) async throws -> Answer {
        try await ledger.write(id, by: principal.subject, at: now) { writer in
            try Self.check(writer.flow)
            let first = writer.flow.seq + 1
            for (index, event) in events.enumerated() {
                if let end = event.end {
                    writer.set(status: end, phase: writer.flow.phase)
                    try await writer.cancelOpenPrompts()
                }
                try writer.change { try Self.apply(event, at: index, to: &$0) }
            }
            return try await answer(
                writer,
                AppendedEvents(first: first, last: writer.flow.seq, epoch: writer.flow.epoch)
            )
        }
    }

    private static func agentEvents(_ events: [JSON]) throws -> [AgentEvent] {
        guard !events.isEmpty, events.count <= maximumEvents else {
            throw FlowError.invalidInput(pointer: "", message: "must have 1 to \(maximumEvents) events")
        }
        return try events.enumerated().map { index, event in
            do { return try AgentEvent(event) } catch let error as AgentEventError { throw error.at(index) }
        }
    }

    private static func check(_ flow: Flow) throws {
        guard flow.type == Flow.externalType else { throw FlowError.nativeFlow }
        guard flow.status != .cancelled else { throw LedgerError.flowHasEnded(.cancelled) }
    }

    private static func apply(_ event: AgentEvent, at index: Int, to draft: inout FlowDraft) throws {
        do { try event.apply(to: &draft) } catch let error as AgentEventError { throw error.at(index) }
    }

    /// Ends a flow; its open prompts are retracted.
    ///
    /// - Parameter answer: makes the caller's answer in the same transaction.
    /// - Throws: ``FlowError/notPossible(status:action:)`` when it has ended already, or what `answer` throws.
    public func cancel<Answer: Sendable>(
        _ id: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter) async throws -> Answer
    ) async throws -> Answer {
        let (result, children) = try await ledger.write(id, by: principal.subject, at: now) { writer in
            guard !writer.flow.status.isFinal else {
                throw FlowError.notPossible(status: writer.flow.status.rawValue, action: "cancelled")
            }
            try await writer.cancelOpenPrompts()
            writer.set(status: .cancelled, phase: writer.flow.phase)
            for var step in writer.steps where !step.status.isFinal {
                step.status = .skipped
                step.finishedAt = writer.now
                step.dueAt = nil
                writer.save(step)
            }
            try await writer.audit("flow.cancelled", subject: "flow:\(id)", channel: channel, detail: [:])
            writer.emit([
                "type": "RUN_FINISHED",
                "threadId": JSON(id.text),
                "runId": JSON(writer.flow.run?.text ?? id.text),
                "outcome": ["type": "cancelled"],
            ])
            // Whoever runs it looks at it, and stops what runs.
            if writer.flow.type != Flow.externalType { writer.set(work: .enqueue) }
            return (try await answer(writer), writer.effects.filter { !$0.isDone }.compactMap(\.flow))
        }
        engine.announce()
        for child in children { try await cancelChild(child, by: principal, channel: channel, at: now) }
        return result
    }

    /// Ends a flow that a step of a cancelled one started, unless it has ended or was never begun.
    private func cancelChild(
        _ id: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp
    ) async throws {
        do {
            try await cancel(id, by: principal, channel: channel, at: now) { _ in }
        } catch FlowError.notPossible {
        } catch LedgerError.noSuchFlow {
        }
    }

    /// Lets a failed native flow go on from its failed steps.
    ///
    /// - Parameter answer: makes the caller's answer in the same transaction.
    /// - Throws: ``FlowError/notPossible(status:action:)`` unless it is a native flow that failed, or what `answer` throws.
    public func retry<Answer: Sendable>(
        _ id: FlowID,
        by principal: Principal,
        channel: String,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter) async throws -> Answer
    ) async throws -> Answer {
        let result = try await ledger.write(id, by: principal.subject, at: now) { writer in
            guard writer.flow.status == .failed, writer.flow.type != Flow.externalType else {
                throw FlowError.notPossible(status: writer.flow.status.rawValue, action: "retried")
            }
            // A step whose question was retracted by the failure asks again.
            for var step in writer.steps where step.status == .failed || !step.status.isFinal {
                if step.status != .suspended { step.attempt += 1 }
                step.status = .ready
                step.failures = 0
                step.error = nil
                step.finishedAt = nil
                step.dueAt = nil
                writer.save(step)
            }
            writer.set(status: .pending, phase: writer.flow.phase)
            try await writer.audit("flow.retried", subject: "flow:\(id)", channel: channel, detail: [:])
            writer.emit(["type": "CUSTOM", "name": "signalbox.flow.retried", "value": [:]])
            writer.set(work: .enqueue)
            return try await answer(writer)
        }
        engine.announce()
        return result
    }
}

/// Where events were appended.
public struct AppendedEvents: Sendable, Equatable {
    /// The position of the first.
    public let first: Int64
    /// The position of the last.
    public let last: Int64
    /// The flow's epoch.
    public let epoch: String
}

/// A change of a flow's state from outside.
public enum StateChange: Sendable {
    /// RFC 6902.
    case patch(JSONPatch)
    /// RFC 7396.
    case merge(JSON)
    /// The whole new state.
    case replace(JSON)
}
