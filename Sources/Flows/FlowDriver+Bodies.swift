import Approvals
import Domain
import JSON
import Ledger
import Logging

extension FlowDriver {
    /// Runs an attempt, and commits what came of it.
    func run(_ start: StepStart) async throws -> FlowTurn {
        let gate = gates.gate(of: start.node, in: start.flow)
        if let pause = try await gate.enter(at: environment.now()) {
            counters.count(.postponed)
            return try await commit { try $0.machine(of: start.flow).postponed(start, until: pause, &$1) }
        }
        var isWorking: Bool?
        defer { gate.leave(isWorking, at: environment.now()) }
        let services = StepServices(
            start,
            lease: lease,
            ledger: ledger,
            registry: registry,
            environment: environment
        )
        counters.count(.begun)
        do {
            let outcome = try await environment.run(start.key.name, within: start.node.policy.timeout) {
                [tenant = lease.tenant] in
                try await TenantContext.with(tenant) { try await start.node.run(services) }
            }
            try services.checkEnd()
            isWorking = true
            counters.count(.done)
            return try await commit(outcome, of: start, services)
        } catch is StepSuspended {
            counters.count(.suspended)
            let awaited = services.awaited
            return try await commit { try $0.machine(of: start.flow).suspended(start, on: awaited, &$1) }
        } catch {
            if error is FlowLost { throw error }
            // Whoever stops a body knows why.
            if error is CancellationError || error is AttemptLost || Task.isCancelled { throw AttemptLost() }
            guard let failure = StepFailure(error) else {
                counters.count(.interrupted)
                logger.warning("Step \(start.key.name) of flow \(lease.flow) is begun again: \(error)")
                return try await commit { try $0.machine(of: start.flow).interrupted(start, &$1) }
            }
            isWorking = false
            counters.count(.failed)
            let random = environment.random()
            return try await end(start, services) { driver, draft in
                try driver.machine(of: start.flow).failed(
                    start,
                    failure.message,
                    isLasting: failure.isLasting,
                    random: random,
                    &draft
                )
            }
        }
    }

    private func commit(
        _ outcome: FlowNode.Outcome,
        of start: StepStart,
        _ services: StepServices
    ) async throws -> FlowTurn {
        let staged = services.staged
        switch outcome {
        case .result(let result):
            let result = try services.checked(result)
            return try await end(start, services) { driver, draft in
                try driver.machine(of: start.flow).finished(start, result, &draft) { draft in
                    for change in staged { try change(&draft) }
                }
            }
        case .ask(let question):
            try services.check(question)
            return try await write { driver, writer in
                let machine = try driver.machine(of: start.flow)
                try writer.change { draft in
                    try machine.asked(start, &draft)
                    for change in staged { try change(&draft) }
                }
                _ = try await writer.ask(
                    question,
                    step: start.key.name,
                    by: FlowEngine.actorName,
                    channel: FlowEngine.channel
                )
                return try await writer.retractingPrompts { try machine.advance(&$0) }
            }
        }
    }

    /// Commits the end of a step. The outcome of what an answer set in motion goes back to the answered prompt.
    private func end(
        _ start: StepStart,
        _ services: StepServices,
        _ body: @escaping @Sendable (FlowDriver, inout FlowDraft) throws -> FlowTurn
    ) async throws -> FlowTurn {
        let prompts = services.answeredPrompts
        guard !prompts.isEmpty else { return try await commit(body) }
        return try await write { driver, writer in
            let turn = try await writer.retractingPrompts { try body(driver, &$0) }
            let status: ExecutionStatus? =
                switch writer.change({ $0.step(start.key) })?.status {
                case .done: .succeeded
                case .failed: .failed
                default: nil
                }
            if let status {
                for prompt in prompts { try await writer.transaction.prompts.setExecution(status, of: prompt) }
            }
            return turn
        }
    }

    private func write(
        _ body: @escaping @Sendable (FlowDriver, FlowWriter) async throws -> FlowTurn
    ) async throws -> FlowTurn {
        try await persist { driver in
            try await driver.ledger.write(driver.lease.flow, by: FlowEngine.actorName, at: driver.now) { writer in
                try await body(driver, writer)
            }
        }
    }

    private func machine(of flow: Flow) throws -> FlowMachine {
        guard let type = registry.type(flow.type, version: flow.version) else { throw FlowLost() }
        return machine(type)
    }
}

extension StepServices {
    /// - Throws: when the body came to an end that it cannot have come to.
    fileprivate func checkEnd() throws {
        guard awaited.isEmpty else { throw StepError.suspensionIgnored(step: step.name) }
        guard let unused else { return }
        let reason = "was done before and is not asked for any more"
        throw StepError.journalMismatch(step: step.name, effect: unused, reason: reason)
    }

    /// The prompts whose answers the step acts on: of the steps it listens to, and its own.
    fileprivate var answeredPrompts: [PromptID] {
        let plan = registry.type(start.flow.type, version: start.flow.version)?.plan
        let heard = start.causes.filter { plan?.node($0.name)?.kind == .prompt }
            .compactMap { start.results[$0.name]?["prompt_id"]?.string.flatMap(PromptID.init) }
        return heard + start.effects.filter { $0.kind == .ask && $0.isDone }.compactMap(\.prompt)
    }
}

extension FlowWriter {
    /// Makes a change of the flow, and retracts the prompts before it that nobody would act on after it.
    func retractingPrompts<Result>(_ body: (inout FlowDraft) throws -> Result) async throws -> Result {
        var trial = change { $0 }
        do { _ = try body(&trial) } catch let open as PromptsAreOpen { try await cancelOpenPrompts(open.prompts) }
        return try change(body)
    }
}
