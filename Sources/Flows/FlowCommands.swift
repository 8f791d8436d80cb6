import Approvals
public import Domain
public import JSON
public import Ledger

/// What can be done with flows from outside: the commands behind every API.
public struct FlowCommands: Sendable {
    private let ledger: Ledger
    private let registry: FlowRegistry
    private let engine: FlowEngine

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
        if let title, title.isEmpty || title.count > Self.maximumTitle || title.utf8.contains(0) {
            throw FlowError.invalidInput(
                pointer: "/title",
                message: "must have 1 to \(Self.maximumTitle) characters, none of them U+0000"
            )
        }
        if let metadata, metadata.object == nil {
            throw FlowError.invalidInput(pointer: "/metadata", message: "must be an object")
        }
        if type != nil, state != nil {
            throw FlowError.invalidInput(pointer: "/state", message: "is made by the flow type from the input")
        }
        let flow = Flow(
            id: .generate(),
            type: name,
            title: title ?? name,
            status: type == nil ? .running : .pending,
            phase: nil,
            state: [:],
            metadata: metadata ?? [:],
            input: input,
            graph: type?.plan.graph,
            seq: 0,
            epoch: Identifier<Flow>.generate().text,
            run: nil,
            createdBy: principal.subject,
            createdAt: now,
            updatedAt: now
        )
        let initial = try type?.initialState(input) ?? state ?? [:]
        let created = try await ledger.create(flow, in: principal.tenant.id, by: principal.subject) { writer in
            guard initial.object != nil else { throw LedgerError.stateIsNotAnObject }
            // The first event is a snapshot, so that folding the log from its beginning gives every state.
            try writer.apply(agentEvent: ["type": "STATE_SNAPSHOT", "snapshot": initial])
            try await writer.audit(
                "flow.created",
                subject: "flow:\(flow.id)",
                channel: channel,
                detail: ["type": JSON(name), "title": JSON(flow.title)]
            )
            if type != nil { try await writer.transaction.flows.enqueueWork(flow.id) }
            return try await answer(writer)
        }
        engine.wake()
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
        try await ledger.write(id, in: principal.tenant.id, by: principal.subject, at: now) { writer in
            if let seq, seq != writer.flow.seq { throw LedgerError.moved(seq: writer.flow.seq) }
            guard !writer.flow.status.isFinal else { throw LedgerError.flowHasEnded(writer.flow.status) }
            let applied: JSONPatch
            switch change {
            case .patch(let patch):
                try writer.patchState(patch)
                applied = patch
            case .merge(let patch):
                applied = try writer.setState(MergePatch.apply(patch, to: writer.flow.state))
            case .replace(let state):
                applied = try writer.setState(state)
            }
            try registry.type(writer.flow.type)?.checkState(writer.flow.state)
            return (writer.flow.seq, writer.flow.state.digest, applied.json)
        }
    }

    /// Appends AG-UI events of an agent, all or none. A flow that has succeeded or failed may be run again; one that was
    /// cancelled stays so, whatever its agent still sends.
    ///
    /// - Parameter answer: makes the caller's answer in the same transaction; gets the positions of the first and last.
    /// - Throws: ``FlowError/nativeFlow``, ``LedgerError/flowHasEnded(_:)``,
    ///   ``FlowError/invalidInput(pointer:message:)`` naming the event, or what `answer` throws; nothing is appended then.
    public func append<Answer: Sendable>(
        _ events: [JSON],
        to id: FlowID,
        by principal: Principal,
        at now: Timestamp = .now(),
        answering answer: @Sendable (FlowWriter, _ first: Int64, _ last: Int64) async throws -> Answer
    ) async throws -> Answer {
        guard !events.isEmpty, events.count <= Self.maximumEvents else {
            throw FlowError.invalidInput(pointer: "", message: "must have 1 to \(Self.maximumEvents) events")
        }
        return try await ledger.write(id, in: principal.tenant.id, by: principal.subject, at: now) { writer in
            guard writer.flow.type == Flow.externalType else { throw FlowError.nativeFlow }
            guard writer.flow.status != .cancelled else { throw LedgerError.flowHasEnded(.cancelled) }
            let first = writer.flow.seq + 1
            for (index, event) in events.enumerated() {
                do { try await AgentEvent(event).apply(to: writer) } catch let error as AgentEventError {
                    throw FlowError.invalidInput(pointer: "/\(index)\(error.pointer)", message: error.message)
                }
            }
            return try await answer(writer, first, writer.flow.seq)
        }
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
        let result = try await ledger.write(id, in: principal.tenant.id, by: principal.subject, at: now) { writer in
            guard !writer.flow.status.isFinal else {
                throw FlowError.notPossible(status: writer.flow.status.rawValue, action: "cancelled")
            }
            try await writer.cancelOpenPrompts()
            writer.set(status: .cancelled, phase: writer.flow.phase)
            for var step in writer.steps where step.status == .running || step.status == .waiting {
                step.status = .skipped
                step.finishedAt = writer.now
                try await writer.save(step)
            }
            try await writer.audit("flow.cancelled", subject: "flow:\(id)", channel: channel, detail: [:])
            writer.emit([
                "type": "RUN_FINISHED",
                "threadId": JSON(id.text),
                "runId": JSON(writer.flow.run?.text ?? id.text),
                "outcome": ["type": "cancelled"],
            ])
            return try await answer(writer)
        }
        await engine.cancelled(id)
        return result
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
        let result = try await ledger.write(id, in: principal.tenant.id, by: principal.subject, at: now) { writer in
            guard writer.flow.status == .failed, writer.flow.type != Flow.externalType else {
                throw FlowError.notPossible(status: writer.flow.status.rawValue, action: "retried")
            }
            // A step whose question was retracted by the failure asks again.
            for var step in writer.steps where step.status == .failed || step.status == .waiting {
                step.status = .running
                step.error = nil
                step.finishedAt = nil
                try await writer.save(step)
            }
            writer.set(status: .pending, phase: writer.flow.phase)
            try await writer.audit("flow.retried", subject: "flow:\(id)", channel: channel, detail: [:])
            writer.emit(["type": "CUSTOM", "name": "signalbox.flow.retried", "value": [:]])
            try await writer.transaction.flows.enqueueWork(id)
            return try await answer(writer)
        }
        engine.wake()
        return result
    }
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
