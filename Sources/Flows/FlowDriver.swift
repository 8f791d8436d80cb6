import Approvals
import Domain
import JSON
import Ledger
import Locking
import Logging

/// Runs one flow under a lease, from where its journal stands until it ends or nothing is left to do but wait.
///
/// There is no loop: each commit says which bodies follow, and each body ends in a commit.
final class FlowDriver: Sendable {
    let lease: Lease
    let ledger: Ledger
    let registry: FlowRegistry
    let gates: StepGates
    let environment: FlowEnvironment
    let counters: EngineCounters
    let logger: Logger
    private let ended: @Sendable (_ isSure: Bool) -> Void

    private struct Standing {
        var type: FlowType?
        var bodies: [StepKey: Task<Void, Never>] = [:]
        var alarm: (at: Timestamp, task: Task<Void, Never>)?
        /// How often something was announced, as far as it is known, and before the last look at what that may be.
        var (told, seen): (Int64, Int64)
        /// Whether the flow was taken up.
        var hasBegun = false
        var isOver = false
    }

    private let standing: Mutex<Standing>

    /// How long to wait before a commit is tried again that the database did not take.
    private static let pause: Int64 = 500_000

    /// - Parameter ended: called once; `isSure` unless the lease may not have been given back.
    init(
        _ lease: Lease,
        ledger: Ledger,
        registry: FlowRegistry,
        gates: StepGates,
        environment: FlowEnvironment,
        counters: EngineCounters,
        logger: Logger,
        ended: @escaping @Sendable (_ isSure: Bool) -> Void
    ) {
        self.lease = lease
        standing = Mutex(Standing(told: lease.wakes, seen: -1))
        self.ledger = ledger
        self.registry = registry
        self.gates = gates
        self.environment = environment
        self.counters = counters
        self.logger = logger
        self.ended = ended
    }

    // MARK: From outside

    /// Takes the flow up.
    func start() {
        spawn { driver in
            let turn = try await driver.commit { driver, draft in try driver.begin(&draft) }
            let isBehind = driver.standing.withLock { standing in
                standing.hasBegun = true
                return standing.told > turn.seen ?? -1
            }
            driver.follow(turn)
            // A flow of its own may have ended while nobody ran this one, or something was announced since.
            if isBehind { try await driver.look() }
        }
    }

    /// Something may be new: an answer, the end of a flow of its own, a time.
    /// - Parameter told: how often something was announced by now, where that is known.
    func wake(_ told: Int64 = 0) {
        let hasBegun = standing.withLock { standing in
            standing.told = max(standing.told, told)
            return standing.hasBegun
        }
        // Before, all that runs would be taken for what another process left.
        if hasBegun { spawn { try await $0.look() } }
    }

    /// Ends all that runs, without a trace. The lease is kept: it is given back with all others, or runs out.
    func stop() { end(isSure: true) }

    /// Runs what ends a body, or the flow. A failure ends the driver.
    private func spawn(_ body: @escaping @Sendable (FlowDriver) async throws -> Void) {
        guard !standing.withLock(\.isOver) else { return }
        _ = environment.spawn { [self] in
            do {
                try await TenantContext.with(lease.tenant) { try await body(self) }
            } catch is FlowLost {
                counters.count(.lost)
                end(isSure: true)
            } catch {
                if !(error is CancellationError) {
                    logger.warning("Flow \(lease.flow) cannot go on now and is taken up again: \(error)")
                }
                end(isSure: false)
            }
        }
    }

    func end(isSure: Bool) {
        let standing = standing.withLock { standing -> Standing? in
            guard !standing.isOver else { return nil }
            standing.isOver = true
            return standing
        }
        guard let standing else { return }
        for body in standing.bodies.values { body.cancel() }
        standing.alarm?.task.cancel()
        ended(isSure)
    }

    // MARK: Commits

    var now: Timestamp { max(environment.now(), lease.since) }

    /// - Parameter seen: what has been looked at for this change, where it has.
    func machine(_ type: FlowType, seen: Int64? = nil) -> FlowMachine {
        FlowMachine(type: type, lease: lease, seen: seen ?? standing.withLock(\.seen), now: now)
    }

    private func begin(_ draft: inout FlowDraft) throws -> FlowTurn {
        let flow = draft.flow
        let type = registry.type(flow.type, version: flow.version)
        let difference = type?.difference(from: flow.graph)
        if let type, difference == nil {
            // What was announced is in the journal, unless it is the end of a flow of its own: that has to be looked up.
            let seen = draft.waitsForFlows ? nil : lease.wakes
            standing.withLock { $0.type = type }
            var turn = try machine(type, seen: seen).begin(&draft)
            turn.seen = seen
            return turn
        }
        guard let any = type ?? registry.type(flow.type) else {
            return try FlowMachine.refuse(&draft, lease, FlowError.unknownType(flow.type))
        }
        let error = StepError.definitionChanged(
            type: flow.type,
            version: flow.version,
            difference: difference ?? "it is not registered; the newest is \(any.version)"
        )
        return try FlowMachine.refuse(&draft, lease, error)
    }

    private func look() async throws {
        let (told, isOver) = standing.withLock { ($0.told, $0.isOver) }
        guard !isOver else { return }
        let ended = try await endedFlows()
        let turn = try await commit { driver, draft in
            guard let type = driver.standing.withLock(\.type) else { throw FlowLost() }
            var turn = try driver.machine(type, seen: told).look(&draft, ended: ended)
            turn.seen = told
            return turn
        }
        follow(turn)
    }

    /// Of the flows that its steps started and wait for, those that have ended.
    private func endedFlows() async throws -> [FlowID: Flow] {
        let found = try await ledger.store.transaction(.snapshot) { [lease] transaction in
            let effects = try await transaction.flows.effects(of: lease.flow)
            let children = effects.filter { !$0.isDone && $0.kind == .flow }.compactMap(\.flow)
            return children.isEmpty ? [] : try await transaction.flows.records(of: children, locked: false)
        }
        return Dictionary(found.map(\.flow).filter(\.status.isFinal).map { ($0.id, $0) }) { first, _ in first }
    }

    /// Commits a turn, over and over while the database does not take it: what a body came to is not thrown away.
    func commit(
        _ body: @escaping @Sendable (FlowDriver, inout FlowDraft) throws -> FlowTurn
    ) async throws -> FlowTurn {
        try await persist { driver in
            do {
                return try await driver.ledger.change(driver.lease.flow, by: FlowEngine.actorName, at: driver.now) {
                    try body(driver, &$0)
                }
            } catch is PromptsAreOpen {
                return try await driver.ledger.write(driver.lease.flow, by: FlowEngine.actorName, at: driver.now) {
                    writer in
                    try await writer.retractingPrompts { try body(driver, &$0) }
                }
            }
        }
    }

    /// - Throws: ``FlowLost``; also when nobody can say whether the commit happened: the flow is taken up anew then.
    func persist(_ write: @Sendable (FlowDriver) async throws -> FlowTurn) async throws -> FlowTurn {
        while true {
            do { return try await write(self) } catch let error as StoreError where error.isPassing {
                logger.warning("A commit of flow \(lease.flow) is tried again: \(error)")
                guard !standing.withLock(\.isOver) else { throw CancellationError() }
                try await environment.sleep(Timestamp(microseconds: environment.now().microseconds + Self.pause))
            } catch LedgerError.conflict {
                throw FlowLost()
            } catch LedgerError.noSuchFlow {
                throw FlowLost()
            }
        }
    }

    /// Does what a commit says.
    func follow(_ turn: FlowTurn) {
        let stopped = standing.withLock { standing in
            standing.seen = max(standing.seen, turn.seen ?? -1)
            return turn.stops.compactMap { standing.bodies.removeValue(forKey: $0) }
        }
        for body in stopped { body.cancel() }
        if turn.isOver { return end(isSure: true) }
        for start in turn.starts { list(start) }
        if let due = turn.due { setAlarm(due) }
    }

    private func setAlarm(_ due: Timestamp) {
        let unneeded = standing.withLock { standing -> Task<Void, Never>? in
            guard !standing.isOver else { return nil }
            if let alarm = standing.alarm, alarm.at <= due { return nil }
            let before = standing.alarm?.task
            // Within the lock: a time that has passed already finds itself listed.
            standing.alarm = (
                due,
                environment.spawn { [self, environment] in
                    do { try await environment.sleep(due) } catch { return }
                    self.standing.withLock { if $0.alarm?.at == due { $0.alarm = nil } }
                    wake()
                }
            )
            return before
        }
        unneeded?.cancel()
    }

    // MARK: Bodies

    private func list(_ start: StepStart) {
        standing.withLock { standing in
            guard !standing.isOver else { return }
            // Within the lock: a body that is over at once finds itself listed.
            standing.bodies[start.key] = environment.spawn { [self] in
                do {
                    let turn = try await TenantContext.with(lease.tenant) { try await run(start) }
                    unlist(start.key)
                    follow(turn)
                } catch is AttemptLost {
                    // Whatever was first may have been the end of the flow, or of the lease.
                    unlist(start.key)
                    wake()
                } catch is FlowLost {
                    counters.count(.lost)
                    end(isSure: true)
                } catch {
                    end(isSure: false)
                }
            }
        }
    }

    private func unlist(_ key: StepKey) { standing.withLock { _ = $0.bodies.removeValue(forKey: key) } }

    /// Returns when all bodies have ended.
    func drained() async {
        for body in standing.withLock({ Array($0.bodies.values) }) { await body.value }
    }
}
