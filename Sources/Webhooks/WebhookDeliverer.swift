public import Domain
import Locking
public import Logging
public import Reactor

/// Brings messages to their receivers, from one process. Any number of processes share the work.
///
/// What is due is taken from the database under a lease, so that each message is tried by one process at a time, and by
/// another one when that one is killed. Whoever is told twice all the same, because a process was killed between the
/// receiver's answer and the note of it, tells by the message's id.
public final class WebhookDeliverer: Sendable {
    /// What is done at once, and in which time.
    public struct Limits: Sendable {
        /// Messages under way at once from this process.
        public var inFlight = 64
        /// Messages under way at once to one webhook, from all processes.
        public var inFlightPerWebhook = 4
        /// How long a receiver may take to answer.
        public var timeout = Duration.seconds(15)
        /// How often is looked for what is due, when nobody says that something is.
        public var interval = Duration.seconds(5)
        /// When a message is tried again.
        public var schedule = RetrySchedule()

        /// Creates the defaults.
        public init() {}

        /// How long nobody else takes a delivery: longer than the attempt and the note of it can take.
        var leaseSeconds: Int { Int(timeout.components.seconds) + 45 }
    }

    private struct State {
        var isEnded = false
        var tasks: [DeliveryClaim: Task<Void, Never>] = [:]
        /// Claims that ended before their task was noted.
        var ended: Set<DeliveryClaim> = []
    }

    private let queue: any DeliveryQueue
    private let attempt: WebhookAttempt
    private let limits: Limits
    private let workers: WorkerGroup
    private let logger: Logger
    private let state = Mutex(State())
    private let (wakeUps, wakeUp) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    /// What has happened so far.
    public let counters: WebhookCounters

    /// Creates a deliverer; nothing is sent before ``start(on:)``.
    /// - Parameters:
    ///   - authorities: a PEM file with the authorities whose certificates receivers may have; nil for those of the system.
    ///   - agent: what receivers are told who it is.
    public init(
        store: any Store,
        queue: any DeliveryQueue,
        policy: ReceiverPolicy,
        authorities: String? = nil,
        agent: String = "Signalbox",
        limits: Limits = Limits(),
        workers: WorkerGroup,
        logger: Logger
    ) {
        self.queue = queue
        self.limits = limits
        self.workers = workers
        self.logger = logger
        counters = WebhookCounters()
        attempt = WebhookAttempt(
            store: store,
            policy: policy,
            authorities: authorities,
            agent: agent,
            timeout: limits.timeout,
            schedule: limits.schedule,
            counters: counters,
            logger: logger
        )
    }

    /// Messages under way.
    public var inFlight: Int { state.withLock(\.tasks.count) }

    /// Begins to send.
    public func start(on worker: Worker) {
        worker.spawn { await self.takeDue() }
        worker.spawn { [limits] in
            while !self.isEnded {
                self.wakeUp.yield()
                await worker.sleep(for: limits.interval)
            }
        }
    }

    /// Says that something may be due. Never blocks.
    public func wake() { wakeUp.yield() }

    /// Takes nothing more, and gives back what is under way: somebody tries it again at once.
    public func stop() async {
        let tasks = state.withLock { state in
            state.isEnded = true
            return Array(state.tasks.values)
        }
        wakeUp.finish()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private var isEnded: Bool { state.withLock(\.isEnded) }

    private func takeDue() async {
        var hasFailed = false
        for await _ in wakeUps {
            let room = limits.inFlight - inFlight
            guard room > 0, !isEnded else { continue }
            do {
                let claims = try await queue.claimDeliveries(
                    limit: room,
                    each: limits.inFlightPerWebhook,
                    lease: limits.leaseSeconds
                )
                for (index, claim) in claims.enumerated() {
                    begin(claim, on: workers.workers[index % workers.count])
                }
                hasFailed = false
            } catch {
                if !hasFailed { logger.notice("Webhooks wait: the database does not say what is due: \(error)") }
                hasFailed = true
            }
        }
    }

    private func begin(_ claim: DeliveryClaim, on worker: Worker) {
        let task = worker.spawn { [attempt] in
            await TenantContext.with(claim.tenant) { await attempt.make(claim, on: worker) }
            self.end(claim)
        }
        let isLate = state.withLock { state in
            if state.ended.remove(claim) == nil { state.tasks[claim] = task }
            return state.isEnded
        }
        if isLate { task.cancel() }
    }

    private func end(_ claim: DeliveryClaim) {
        state.withLock { state in
            if state.tasks.removeValue(forKey: claim) == nil { state.ended.insert(claim) }
        }
        // There is room for the next one, of this webhook or another.
        wakeUp.yield()
    }
}
