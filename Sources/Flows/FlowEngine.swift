public import Approvals
public import Domain
import JSON
public import Ledger
public import Logging

/// Runs the native flows of a process: claims flows with runnable work, drives each, and gives them back when it stops.
///
/// Steps run on the global executor, never on a loop: they may compute for long.
public actor FlowEngine {
    static let actorName = "system:engine"
    /// Flows driven at once.
    private static let maximumDrivers = 64
    private static let lookInterval = Duration.seconds(2)
    /// How long to wait before a flow is tried again after the database failed.
    private static let retryDelay = Duration.seconds(1)

    private let ledger: Ledger
    private let queue: any WorkQueue
    private nonisolated let registry: FlowRegistry
    private let owner: Int64
    private let logger: Logger
    private var drivers: [FlowID: AsyncStream<FlowDriver.Signal>.Continuation] = [:]
    private var finished: [CheckedContinuation<Void, Never>] = []
    private var isStopping = false
    private var loop: Task<Void, Never>?
    private var ticker: Task<Void, Never>?
    private nonisolated let wakeUps: AsyncStream<Void>
    private nonisolated let wakeUp: AsyncStream<Void>.Continuation

    /// Creates an engine.
    ///
    /// - Parameter owner: names this process in the work queue; its advisory lock tells others that it lives.
    public init(
        ledger: Ledger,
        queue: any WorkQueue,
        registry: FlowRegistry,
        owner: Int64,
        logger: Logger = Logger(label: "signalbox.flows")
    ) {
        self.logger = logger
        self.ledger = ledger
        self.queue = queue
        self.registry = registry
        self.owner = owner
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Begins to take work, also what a dead process left behind.
    public func start() {
        guard loop == nil else { return }
        loop = Task { await takeWork() }
        // A notification can be lost and a process can die without one, so the queue is also looked at regularly.
        ticker = Task { [wakeUp] in
            repeat { wakeUp.yield() } while (try? await Task.sleep(for: Self.lookInterval)) != nil
        }
    }

    /// Stops taking work, cancels running steps (they are started again by whoever comes next) and gives all flows back.
    public func stop() async {
        isStopping = true
        ticker?.cancel()
        wakeUp.finish()
        for driver in drivers.values { driver.yield(.stop) }
        while !drivers.isEmpty { await withCheckedContinuation { finished.append($0) } }
        await loop?.value
        try? await queue.release(owner: owner)
    }

    /// Says that there may be work.
    public nonisolated func wake() { wakeUp.yield() }

    /// Ends the running steps of a cancelled flow.
    func cancelled(_ flow: FlowID) { drivers[flow]?.yield(.stop) }

    private func takeWork() async {
        for await _ in wakeUps {
            // A driven flow may have got new work from a decision.
            for driver in drivers.values { driver.yield(.wake) }
            let free = Self.maximumDrivers - drivers.count
            guard free > 0, !isStopping, let claimed = try? await queue.claim(owner: owner, limit: free) else {
                continue
            }
            for (tenant, flow) in claimed where drivers[flow] == nil && !isStopping { drive(flow, tenant) }
            if claimed.count == free { wakeUp.yield() }
        }
    }

    private func drive(_ flow: FlowID, _ tenant: TenantID) {
        let (signals, signal) = AsyncStream<FlowDriver.Signal>.makeStream()
        drivers[flow] = signal
        let driver = FlowDriver(
            tenant: tenant,
            id: flow,
            owner: owner,
            ledger: ledger,
            registry: registry,
            signals: signals,
            signal: signal
        )
        Task {
            // The work stays marked as ours while the database is away, so nobody else would try again.
            while !(await run(driver)), !isStopping { try? await Task.sleep(for: Self.retryDelay) }
            ended(flow)
        }
    }

    private func run(_ driver: FlowDriver) async -> Bool {
        do {
            try await TenantContext.with(driver.tenant) { try await driver.run() }
            return true
        } catch {
            logger.warning("Flow \(driver.id) cannot go on now and is tried again: \(error)")
            return false
        }
    }

    private func ended(_ flow: FlowID) {
        drivers[flow]?.finish()
        drivers[flow] = nil
        if drivers.isEmpty {
            for waiting in finished { waiting.resume() }
            finished = []
        }
        // Work that became runnable between the driver's last look and now is still marked.
        wakeUp.yield()
    }
}

extension FlowEngine: DecisionEffect {
    /// Makes the answer the result of the step that asked, in the decision's own transaction.
    public nonisolated func decided(_ prompt: Prompt, in writer: FlowWriter) async throws {
        guard let outcome = prompt.outcome else { return }
        guard var record = writer.step(prompt.step), writer.flow.type != Flow.externalType else {
            if writer.openPrompts.isEmpty, writer.flow.status == .waiting {
                writer.set(status: .running, phase: writer.flow.phase)
            }
            return
        }
        guard record.status == .waiting else { return }
        let answer = PromptAnswer(prompt, outcome)
        if let check = registry.type(writer.flow.type)?.plan.node(prompt.step)?.check {
            let violations = check(prompt.draft, answer)
            guard violations.isEmpty else { throw ApprovalError.invalid(violations) }
        }
        record.status = .done
        record.result = try JSON(encoding: answer)
        record.finishedAt = writer.now
        try await writer.save(record)
        writer.emit(["type": "STEP_FINISHED", "stepName": JSON(prompt.step)])
        try await writer.transaction.flows.enqueueWork(writer.flow.id)
    }

    /// Starts what the answer made runnable.
    public nonisolated func committed(_ flow: FlowID) { wake() }
}
