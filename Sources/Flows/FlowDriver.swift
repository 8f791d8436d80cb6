import Approvals
import Domain
import JSON
import Ledger
import Locking

/// Runs one flow from where its journal stands until it ends or waits for people.
///
/// Each result is committed before its listeners start; a step that was running when its process died is started again.
struct FlowDriver: Sendable {
    /// What a driver waits for.
    enum Signal: Sendable {
        /// A step's task has ended; a failure of the database ends the driver.
        case finished(String, (any Error)?)
        /// The journal may have changed from outside.
        case wake
        /// The flow was cancelled or the process stops.
        case stop
    }

    let tenant: TenantID
    let id: FlowID
    let owner: Int64
    let ledger: Ledger
    let registry: FlowRegistry
    let signals: AsyncStream<Signal>
    let signal: AsyncStream<Signal>.Continuation

    /// - Throws: when the database is not there; the flow's work stays marked and is picked up again.
    func run() async throws {
        guard let (flow, type) = try await begin() else { return }
        var tasks: [String: Task<Void, Never>] = [:]
        defer { for task in tasks.values { task.cancel() } }
        try await startReady(flow, type, &tasks)
        if tasks.isEmpty, try await settle(type) { return }
        for await next in signals {
            switch next {
            case .finished(let name, nil):
                tasks[name] = nil
            case .finished(_, let error?) where !(error is FlowLost):
                throw error
            case .wake:
                break
            case .finished, .stop:
                for task in tasks.values { task.cancel() }
                for task in tasks.values { await task.value }
                _ = try await settle(type)
                return
            }
            try await startReady(flow, type, &tasks)
            if tasks.isEmpty, try await settle(type) { return }
        }
    }

    /// Opens a run; nil when there is nothing to do.
    private func begin() async throws -> (Flow, FlowType)? {
        try await ledger.write(id, by: FlowEngine.actorName) { writer in
            guard try await writer.transaction.flows.holdsWork(id, owner: owner) else { return nil }
            guard !writer.flow.status.isFinal else {
                _ = try await writer.transaction.flows.finishWork(id, owner: owner)
                return nil
            }
            guard let type = registry.type(writer.flow.type) else {
                try await fail(writer, message: FlowError.unknownType(writer.flow.type).description)
                return nil
            }
            if writer.flow.status != .running {
                let parent = writer.flow.run
                let run = RunID.generate()
                writer.begin(run: run)
                writer.set(status: .running, phase: writer.flow.phase)
                var event: JSONObject = [
                    "type": "RUN_STARTED", "threadId": JSON(id.text), "runId": JSON(run.text),
                ]
                if let parent { event["parentRunId"] = JSON(parent.text) }
                writer.emit(.object(event))
            }
            return (writer.flow, type)
        }
    }

    private func startReady(_ flow: Flow, _ type: FlowType, _ tasks: inout [String: Task<Void, Never>]) async throws {
        let journal = try await ledger.store.transaction(.snapshot) { try await $0.flows.steps(of: id) }
        guard !journal.contains(where: { $0.status == .failed }) else { return }
        for node in type.plan.ready(journal) where tasks[node.name] == nil {
            tasks[node.name] = Task {
                do {
                    try await perform(node, of: flow, type)
                    signal.yield(.finished(node.name, nil))
                } catch {
                    signal.yield(.finished(node.name, error is CancellationError ? nil : error))
                }
            }
        }
    }

    /// Ends the run when nothing is left to start. False when something is: a decision arrived in between.
    private func settle(_ type: FlowType) async throws -> Bool {
        try await ledger.write(id, by: FlowEngine.actorName) { writer in
            guard try await writer.transaction.flows.holdsWork(id, owner: owner) else { return true }
            if !writer.flow.status.isFinal {
                if let failed = writer.steps.first(where: { $0.status == .failed }) {
                    try await fail(writer, message: failed.error ?? "step \(failed.name) failed")
                    return true
                }
                guard type.plan.ready(writer.steps).isEmpty else { return false }
                endRun(writer)
            }
            _ = try await writer.transaction.flows.finishWork(id, owner: owner)
            return true
        }
    }

    private func endRun(_ writer: FlowWriter) {
        let run = writer.flow.run?.text ?? ""
        let outcome: JSON
        if writer.steps.contains(where: { $0.status == .waiting }) {
            let asking = writer.openPrompts.first
            writer.set(status: .waiting, phase: asking?.step ?? writer.flow.phase)
            outcome = ["type": "interrupt", "interrupts": .array(writer.openPrompts.map(\.interrupt))]
        } else {
            writer.set(status: .succeeded, phase: writer.flow.phase)
            outcome = ["type": "success"]
        }
        writer.emit(["type": "RUN_FINISHED", "threadId": JSON(id.text), "runId": JSON(run), "outcome": outcome])
    }

    private func fail(_ writer: FlowWriter, message: String) async throws {
        writer.set(status: .failed, phase: writer.flow.phase)
        try await writer.cancelOpenPrompts()
        writer.emit(["type": "RUN_ERROR", "message": JSON(message)])
        _ = try await writer.transaction.flows.finishWork(id, owner: owner)
    }

    /// Starts a step, runs its body and commits what came of it.
    private func perform(_ node: FlowNode, of flow: Flow, _ type: FlowType) async throws {
        let (attempt, results) = try await ledger.write(id, by: FlowEngine.actorName) { writer in
            guard try await writer.transaction.flows.holdsWork(id, owner: owner), !writer.flow.status.isFinal else {
                throw FlowLost()
            }
            let attempt = (writer.step(node.name)?.attempt ?? 0) + 1
            try await writer.save(
                StepRecord(name: node.name, status: .running, attempt: attempt, startedAt: writer.now)
            )
            writer.set(status: .running, phase: node.name)
            writer.emit(["type": "STEP_STARTED", "stepName": JSON(node.name)])
            return (attempt, type.plan.results(writer.steps))
        }
        let services = StepServices(
            flow,
            step: node.name,
            attempt: attempt,
            results: results,
            owner: owner,
            ledger: ledger
        )
        do {
            let outcome = try await node.run(services)
            try await commit(outcome, of: node, services, type)
        } catch {
            // A stopped process or a lost database says nothing about the step: it is started again later.
            if error is CancellationError || error is FlowLost || Task.isCancelled { throw error }
            var reason = String(describing: error)
            if let error = error as? StoreError {
                guard let refusal = error.refusal else { throw error }
                reason = refusal
            }
            try await recordFailure(reason, of: node, services)
        }
    }

    private func commit(
        _ outcome: FlowNode.Outcome,
        of node: FlowNode,
        _ services: StepServices,
        _ type: FlowType
    ) async throws {
        let staged = services.staged.withLock { $0 }
        try await services.write { writer in
            guard var record = writer.step(node.name) else { throw FlowLost() }
            for change in staged { try change(writer) }
            switch outcome {
            case .result(let result):
                record.status = .done
                record.result = result
                record.finishedAt = writer.now
                try await writer.save(record)
                writer.emit(["type": "STEP_FINISHED", "stepName": JSON(node.name)])
                try await reportExecution(.succeeded, of: node, type, writer)
            case .ask(let draft):
                let violations = PromptRules.violations(of: draft)
                guard violations.isEmpty else {
                    let reason = violations.map { "\($0.pointer) \($0.message)" }.joined(separator: "; ")
                    throw FlowError.invalidPrompt(step: node.name, reason: reason)
                }
                record.status = .waiting
                try await writer.save(record)
                _ = try await writer.ask(draft, step: node.name, by: FlowEngine.actorName, channel: "engine")
            }
        }
    }

    private func recordFailure(_ reason: String, of node: FlowNode, _ services: StepServices) async throws {
        try await services.write { writer in
            guard var record = writer.step(node.name) else { throw FlowLost() }
            record.status = .failed
            record.error = String(reason.prefix(2000))
            record.finishedAt = writer.now
            try await writer.save(record)
            writer.emit(["type": "CUSTOM", "name": "signalbox.step.failed", "value": ["step": JSON(node.name)]])
            if let type = registry.type(writer.flow.type) { try await reportExecution(.failed, of: node, type, writer) }
        }
    }

    /// The outcome of what an answer set in motion goes back to the answered prompt.
    private func reportExecution(
        _ status: ExecutionStatus,
        of node: FlowNode,
        _ type: FlowType,
        _ writer: FlowWriter
    ) async throws {
        for name in node.trigger.steps where type.plan.node(name)?.kind == .prompt {
            guard let id = writer.step(name)?.result?["prompt_id"]?.string.flatMap(PromptID.init) else { continue }
            try await writer.transaction.prompts.setExecution(status, of: id)
        }
    }
}
