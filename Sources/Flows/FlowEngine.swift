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
    /// Flows that may be taken at the next look at the queue, besides those that this process has.
    private nonisolated let wanted = Mutex(0)
    private nonisolated let isCarried: @Sendable () -> Bool
    private nonisolated let wakeUps: AsyncStream<Void>
    private nonisolated let wakeUp: AsyncStream<Void>.Continuation

    /// Creates an engine.
    ///
    /// - Parameters:
    ///   - owner: names this process in the work queue; its advisory lock tells others that it lives.
    ///   - isCarried: whether something else than the database tells of flows that nobody has, by ``take(_:)``.
    public init(
        ledger: Ledger,
        queue: any WorkQueue,
        registry: FlowRegistry,
        owner: Int64,
        limits: Limits = Limits(),
        environment: FlowEnvironment = .system,
        isCarried: @escaping @Sendable () -> Bool = { false },
        logger: Logger = Logger(label: "signalbox.flows")
    ) {
        self.ledger = ledger
        self.queue = queue
        self.registry = registry
        self.owner = owner
        self.limits = limits
        self.environment = environment
        self.isCarried = isCarried
        self.logger = logger
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Begins to take work, also what a dead process left behind.
    public func start() {
        guard loop == nil else { return }
        loop = environment.spawn { await self.takeWork() }
        wake()
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

    /// Looks at the queue, and takes as much of it as this process may run.
    public nonisolated func wake() { take(.max) }

    /// Takes so many flows at most that nobody has: as many as this process, of all, was told of.
    public nonisolated func take(_ count: Int) {
        wanted.withLock { $0 = $0 > .max - count ? .max : $0 + count }
        wakeUp.yield()
    }

    /// How many more flows this process may run.
    public nonisolated var room: Int { max(0, limits.flows - counters.running) }

    /// Takes what the database tells.
    public nonisolated func heard(_ notification: StoreNotification) {
        switch notification {
        case .work(nil): if !isCarried() { wake() }
        case .work(let owner?): if owner == self.owner { wake() }
        // What nobody was told of one by one.
        case .workGivenBack, .mayHaveMissed: wake()
        case .stream, .deliveries, .sessionRevoked, .cannotHear: break
        }
    }

    /// Flows were made runnable by this process, just now.
    nonisolated func announce() { heard(.work(of: nil)) }

    // MARK: Work

    private func takeWork() async {
        for await _ in wakeUps {
            guard !isStopping else { return }
            await claim()
        }
    }

    private func claim() async {
        let wanted = wanted.withLock { wanted in
            defer { wanted = 0 }
            return wanted
        }
        guard wanted > 0 else { return }
        let free = min(wanted, max(0, limits.flows - drivers.count))
        let held = mayHaveMore ? drivers.values.map(\.lease.number) : nil
        let next = Timestamp(microseconds: environment.now().microseconds + Int64(limits.interval) * 1_000_000)
        mayHaveMore = false
        do {
            let work = try await queue.claim(owner: owner, limit: free, patience: limits.patience, held: held)
            for (flow, told) in work.again { drivers[flow]?.wake(told) }
            for lease in work.leases where !isStopping { drive(lease) }
            // Of the rest others were told.
            if work.leases.count == free, free > 0, wanted == .max { wake() }
            setAlarm(min(work.next ?? next, next), mayBeLater: wanted == .max)
        } catch {
            // The answer may be lost, and flows may be marked as this process's.
            mayHaveMore = true
            setAlarm(next, mayBeLater: true)
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
            wake()
        }
        guard drivers[lease.flow]?.lease == lease else { return }
        if drivers.count == limits.flows { wake() }
        drivers[lease.flow] = nil
        counters.set(running: drivers.count)
    }

    /// - Parameter mayBeLater: whether all of the queue was looked at just now.
    private func setAlarm(_ time: Timestamp, mayBeLater: Bool) {
        if !mayBeLater, let alarm, alarm.at <= time { return }
        alarm?.task.cancel()
        guard !isStopping else { return }
        let task = environment.spawn { [environment] in
            if (try? await environment.sleep(time)) != nil { self.wake() }
        }
        alarm = (time, task)
    }
}
