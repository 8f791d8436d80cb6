import Domain
import JSON

/// All that is committed, of one tenant.
final class MemoryDatabase: @unchecked Sendable {
    struct Stored {
        var flow: Flow
        var commit: CommitID?
        var steps: [StepRecord] = []
        var effects: [EffectRecord] = []
        var events: [FlowEvent] = []
    }

    struct Work {
        var owner: Int64?
        var lease: Int64?
        var wakes: Int64 = 0
        var told: Int64 = 0
        /// Its place in the queue.
        var number = 0
        var due: Timestamp
    }

    struct State {
        var flows: [FlowID: Stored] = [:]
        var work: [FlowID: Work] = [:]
        var prompts: [Prompt] = []
        var decisions: [DecisionRecord] = []
        var positions: [View: Int64] = [:]
        var lastLease: Int64 = 0
        var lastPlace = 0
        var aliveUntil: [Int64: Timestamp] = [:]
    }

    let tenant = TenantID.generate()
    let scheduler: Scheduler
    var state = State()
    /// Processes whose connections have ended.
    var dead: Set<Int64> = []
    private var isBusy = false

    init(_ scheduler: Scheduler) { self.scheduler = scheduler }

    /// Runs a transaction, which is one moment.
    func transaction<Result>(_ body: () async throws -> Result, commit: (Bool) throws -> Void) async throws -> Result {
        precondition(!isBusy, "a transaction was suspended")
        isBusy = true
        let before = state
        defer { isBusy = false }
        do {
            let result = try await body()
            try commit(true)
            return result
        } catch {
            if !(error is DiedAfterCommit) { state = before }
            throw error
        }
    }

    // MARK: The queue

    func claim(owner: Int64, limit: Int, patience: Int, held: [Int64]?) -> ClaimedWork {
        let now = scheduler.now
        state.aliveUntil[owner] = now.adding(seconds: Int64(patience))
        func isDead(_ other: Int64) -> Bool {
            other != owner && (dead.contains(other) || state.aliveUntil[other].map { $0 < now } ?? false)
        }
        var (leases, again): ([Lease], [FlowID: Int64]) = ([], [:])
        for (flow, work) in state.work.sorted(by: { $0.value.number < $1.value.number }) {
            var work = work
            if let other = work.owner, isDead(other) { work.owner = nil }
            if let held, work.owner == owner, !held.contains(work.lease ?? 0) { work.owner = nil }
            if work.owner == owner, work.wakes > work.told {
                work.told = work.wakes
                again[flow] = work.wakes
            }
            if work.owner == nil, work.due <= now, leases.count < limit {
                state.lastLease += 1
                work.owner = owner
                work.told = work.wakes
                work.lease = state.lastLease
                leases.append(
                    Lease(tenant: tenant, flow: flow, number: state.lastLease, wakes: work.wakes, since: now)
                )
            }
            state.work[flow] = work
        }
        let next = state.work.values.filter { $0.owner == nil && $0.due > now }.map(\.due).min()
        return ClaimedWork(leases: leases, again: again, next: next)
    }

    func release(owner: Int64) {
        for flow in state.work.keys where state.work[flow]?.owner == owner { state.work[flow]?.owner = nil }
        state.aliveUntil[owner] = nil
    }

    func enqueue(_ flow: FlowID) {
        state.lastPlace += 1
        var work = state.work[flow] ?? Work(owner: nil, lease: nil, number: state.lastPlace, due: scheduler.now)
        work.wakes += 1
        work.due = min(work.due, scheduler.now)
        state.work[flow] = work
    }

    // MARK: Commits

    /// Writes one flow, as the statement of the real store does.
    func commit(_ change: FlowChange, as id: CommitID) -> Bool {
        let key = change.flow.id
        guard var stored = state.flows[key], stored.flow.seq == change.expected.seq,
            stored.commit == change.expected.commit,
            change.lease == nil || state.work[key]?.lease == change.lease
        else { return false }
        let before = stored.flow.state
        stored.flow = change.flow
        if !change.isStateChanged { stored.flow.state = before }
        stored.commit = id
        stored.events += change.events.map(\.event)
        for step in change.steps {
            if let index = stored.steps.firstIndex(where: { $0.key == step.key }) {
                stored.steps[index] = step
            } else {
                stored.steps.append(step)
            }
        }
        for effect in change.effects {
            if let index = stored.effects.firstIndex(where: { $0.step == effect.step && $0.name == effect.name }) {
                stored.effects[index] = effect
            } else {
                stored.effects.append(effect)
            }
        }
        state.flows[key] = stored
        switch change.work {
        case .enqueue: enqueue(key)
        case .giveBack(var due, let seen):
            guard var work = state.work[key], work.lease == change.lease else { break }
            if work.wakes != seen { due = scheduler.now }
            work.owner = nil
            work.due = due ?? work.due
            state.work[key] = due == nil ? nil : work
        case nil: break
        }
        if let parent = stored.flow.parent, parent.seq == nil, stored.flow.status.isFinal { enqueue(parent.flow) }
        return true
    }
}
