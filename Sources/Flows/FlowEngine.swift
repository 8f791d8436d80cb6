public import Domain
import JSON
public import Ledger
import Locking
public import Logging

/// Runs the native flows of a process: takes flows with runnable work under leases, drives each, and gives them back when it
/// stops.
public actor FlowEngine {
    static let actorName = "system:engine"
    static let channel = "engine"

    /// What is done at once, and how long is waited.
    public struct Limits: Sendable {
        /// Flows that this process runs at once. Those that wait for people, for a time or for other flows do not count.
        public var flows = 1024
        /// After so many seconds without a sign of life another process takes this one's flows.
        public var patience = 10
        /// How often a sign of life is given and the queue is looked at, in seconds: a notification may be lost.
        public var interval = 2
        /// How long running steps may take to end when the process stops, in seconds.
        public var grace = 5

        /// Creates the defaults.
        public init() {}
    }

    private let ledger: Ledger
    private let queue: any WorkQueue
    nonisolated let registry: FlowRegistry
    private let owner: Int64
    private let limits: Limits
    private let environment: FlowEnvironment
    private let logger: Logger
    private let gates = StepGates()
    /// What it did.
    public nonisolated let counters = EngineCounters()
    private var drivers: [FlowID: FlowDriver] = [:]
    /// Whether leases may be marked as this process's that it does not know of.
    private var mayHaveMore = false
    private var isStopping = false
    private var loop: Task<Void, Never>?
    private var alarm: (at: Timestamp, task: Task<Void, Never>)?
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
        limits: Limits = Limits(),
        environment: FlowEnvironment = .system,
        logger: Logger = Logger(label: "signalbox.flows")
    ) {
        self.ledger = ledger
        self.queue = queue
        self.registry = registry
        self.owner = owner
        self.limits = limits
        self.environment = environment
        self.logger = logger
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Begins to take work, also what a dead process left behind.
    public func start() {
        guard loop == nil else { return }
        loop = environment.spawn { await self.takeWork() }
        wakeUp.yield()
    }

    /// Stops taking work, cancels running steps (they are begun again by whoever comes next) and gives all flows back.
    public func stop() async {
        isStopping = true
        wakeUp.finish()
        alarm?.task.cancel()
        await loop?.value
        let drivers = Array(drivers.values)
        for driver in drivers { driver.stop() }
        let ending = environment.spawn { for driver in drivers { await driver.drained() } }
        _ = try? await environment.run("stop", within: .seconds(limits.grace)) { await ending.value }
        try? await queue.release(owner: owner)
    }

    /// Says that there may be work.
    public nonisolated func wake() { wakeUp.yield() }

    // MARK: Work

    private func takeWork() async {
        for await _ in wakeUps {
            guard !isStopping else { return }
            await claim()
        }
    }

    private func claim() async {
        let free = max(0, limits.flows - drivers.count)
        let held = mayHaveMore ? drivers.values.map(\.lease.number) : nil
        let next = Timestamp(microseconds: environment.now().microseconds + Int64(limits.interval) * 1_000_000)
        mayHaveMore = false
        do {
            let work = try await queue.claim(owner: owner, limit: free, patience: limits.patience, held: held)
            for (flow, told) in work.again { drivers[flow]?.wake(told) }
            for lease in work.leases where !isStopping { drive(lease) }
            if work.leases.count == free, free > 0 { wakeUp.yield() }
            setAlarm(min(work.next ?? next, next))
        } catch {
            // The answer may be lost, and flows may be marked as this process's.
            mayHaveMore = true
            setAlarm(next)
        }
    }

    private func drive(_ lease: Lease) {
        let driver = FlowDriver(
            lease,
            ledger: ledger,
            registry: registry,
            gates: gates,
            environment: environment,
            counters: counters,
            logger: logger
        ) { [environment] isSure in
            _ = environment.spawn { await self.ended(lease, isSure: isSure) }
        }
        counters.count(.taken)
        drivers.updateValue(driver, forKey: lease.flow)?.stop()
        counters.set(running: drivers.count)
        driver.start()
    }

    private func ended(_ lease: Lease, isSure: Bool) {
        if !isSure {
            counters.count(.dropped)
            mayHaveMore = true
            wakeUp.yield()
        }
        guard drivers[lease.flow]?.lease == lease else { return }
        if drivers.count == limits.flows { wakeUp.yield() }
        drivers[lease.flow] = nil
        counters.set(running: drivers.count)
    }

    private func setAlarm(_ time: Timestamp) {
        alarm?.task.cancel()
        guard !isStopping else { return }
        let task = environment.spawn { [environment, wakeUp] in
            if (try? await environment.sleep(time)) != nil { wakeUp.yield() }
        }
        alarm = (time, task)
    }
}
