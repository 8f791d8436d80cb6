import DequeModule
import Domain

/// Who writes next: the writes of each flow one after the other in the order they came, the flows of each tenant in turns,
/// and the tenants in turns. Pure; knows nothing of what a write does.
///
/// A flow's next writes are *taken* by a lane as part of a batch, which is one commit, or it is *lent* to one who writes it
/// in a transaction of their own. Until it is given back nobody else has it. What arrives meanwhile waits, and travels in
/// the next batch.
struct CommitQueue<Write: Sendable, Borrower: Sendable> {
    /// What is held and done at once.
    struct Limits: Sendable {
        /// Batches under way.
        var lanes = 4
        /// Batches under way for one tenant: fewer, so that a tenant's flood never has all of them.
        var lanesPerTenant = 3
        /// Writes in a batch, and flows.
        var batch = 512
        /// Writes that wait, of all tenants and of one.
        var waiting = 16_384
        var waitingPerTenant = 8_192
    }

    /// Writes that travel together, all of one tenant.
    struct Batch: Sendable {
        let tenant: TenantID
        var parts: [Part]
    }

    /// A flow's part of a batch, in order.
    struct Part: Sendable {
        let flow: FlowID
        var writes: [Write]
    }

    /// What has to be done after a change of the queue.
    struct Actions {
        /// Who has their flow now.
        var lent: [Borrower] = []
        /// Lanes to start: each asks for batches, by ``exchange(_:)``, until there is none.
        var lanes = 0
    }

    /// There is no room for more.
    struct Full: Error {
        /// Of how many.
        let limit: Int
    }

    private enum Entry {
        case write(Write)
        case borrower(Borrower, id: UInt64)
    }

    private struct Line {
        var entries: Deque<Entry> = []
        /// A lane or a borrower has the flow.
        var isTaken = false
        /// The flow is listed for lanes.
        var isListed = false
    }

    private struct Desk {
        var lines: [FlowID: Line] = [:]
        /// Flows that a lane may take writes of.
        var listed: Deque<FlowID> = []
        var lanes = 0
        var waiting = 0
    }

    private let limits: Limits
    private var desks: [TenantID: Desk] = [:]
    /// The tenants with listed flows, each once.
    private var turns: Deque<TenantID> = []
    private var lanes = 0
    /// Whether a lane was started that has not taken anything yet.
    private var isStarting = false
    /// Writes and borrowers that wait.
    private(set) var waiting = 0

    init(limits: Limits) { self.limits = limits }

    /// Whether nothing waits and nobody has anything.
    var isIdle: Bool { desks.isEmpty && turns.isEmpty && lanes == 0 }

    // MARK: Arrivals

    /// Takes a write for the next batch that its flow is part of.
    mutating func add(_ write: Write, to flow: FlowID, of tenant: TenantID) throws(Full) -> Actions {
        try add(.write(write), to: flow, of: tenant)
    }

    /// Lends a flow, at once or when it is the borrower's turn.
    mutating func lend(_ flow: FlowID, of tenant: TenantID, to borrower: Borrower, id: UInt64) throws(Full) -> Actions {
        try add(.borrower(borrower, id: id), to: flow, of: tenant)
    }

    /// Takes back the wish for a flow.
    /// - Returns: who does not wait any more; nil when they have the flow already.
    mutating func abandon(_ flow: FlowID, of tenant: TenantID, id: UInt64) -> (Borrower?, Actions) {
        let index = desks[tenant]?.lines[flow]?.entries.firstIndex {
            if case .borrower(_, id) = $0 { true } else { false }
        }
        guard let index, case .borrower(let borrower, _) = desks[tenant]?.lines[flow]?.entries.remove(at: index) else {
            return (nil, Actions())
        }
        count(-1, tenant)
        return (borrower, advance([flow], of: tenant))
    }

    /// Takes out the writes that wait and satisfy `isRemoved`. Borrowers stay.
    mutating func removeWrites(of tenant: TenantID? = nil, _ isRemoved: (Write) -> Bool) -> ([Write], Actions) {
        var removed: [Write] = []
        var actions = Actions()
        for (owner, desk) in desks where tenant == nil || owner == tenant {
            for (flow, line) in desk.lines {
                var kept: Deque<Entry> = []
                for entry in line.entries {
                    if case .write(let write) = entry, isRemoved(write) {
                        removed.append(write)
                    } else {
                        kept.append(entry)
                    }
                }
                count(kept.count - line.entries.count, owner)
                desks[owner]?.lines[flow]?.entries = kept
            }
            actions.lent += settle(Array(desk.lines.keys), of: owner)
        }
        actions.lanes = newLanes()
        return (removed, actions)
    }

    private mutating func add(_ entry: Entry, to flow: FlowID, of tenant: TenantID) throws(Full) -> Actions {
        guard waiting < limits.waiting else { throw Full(limit: limits.waiting) }
        guard desks[tenant]?.waiting ?? 0 < limits.waitingPerTenant else { throw Full(limit: limits.waitingPerTenant) }
        desks[tenant, default: Desk()].lines[flow, default: Line()].entries.append(entry)
        count(1, tenant)
        return advance([flow], of: tenant)
    }

    // MARK: Giving back

    /// A borrower gives a flow back.
    mutating func giveBack(_ flow: FlowID, of tenant: TenantID) -> Actions {
        desks[tenant]?.lines[flow]?.isTaken = false
        return advance([flow], of: tenant)
    }

    /// A lane gives a batch back, with the writes that still have to be made, and takes the next one; nil ends the lane.
    mutating func exchange(_ batch: Batch?) -> (next: Batch?, actions: Actions) {
        var lent: [Borrower] = []
        if let batch {
            for part in batch.parts {
                desks[batch.tenant]?.lines[part.flow]?.entries.prepend(contentsOf: part.writes.map(Entry.write))
                desks[batch.tenant]?.lines[part.flow]?.isTaken = false
                count(part.writes.count, batch.tenant)
            }
            desks[batch.tenant]?.lanes -= 1
            lent = settle(batch.parts.map(\.flow), of: batch.tenant)
        } else {
            isStarting = false
        }
        let next = take()
        if next == nil { lanes -= 1 }
        return (next, Actions(lent: lent, lanes: newLanes()))
    }

    // MARK: Turns

    private mutating func take() -> Batch? {
        while let tenant = nextTenant() {
            var parts: [Part] = []
            var room = limits.batch
            while room > 0, let flow = desks[tenant]?.listed.popFirst() {
                desks[tenant]?.lines[flow]?.isListed = false
                let writes = takeWrites(of: flow, tenant, upTo: room)
                guard !writes.isEmpty else {
                    forgetIfIdle(flow, of: tenant)
                    continue
                }
                room -= writes.count
                parts.append(Part(flow: flow, writes: writes))
            }
            if desks[tenant]?.listed.isEmpty == false { turns.append(tenant) }
            guard !parts.isEmpty else {
                forgetIfIdle(tenant)
                continue
            }
            desks[tenant]?.lanes += 1
            return Batch(tenant: tenant, parts: parts)
        }
        return nil
    }

    /// The tenant whose turn it is, of those who may have one more lane.
    private mutating func nextTenant() -> TenantID? {
        for _ in turns.indices {
            guard let tenant = turns.popFirst() else { return nil }
            if mayHaveLane(tenant) { return tenant }
            turns.append(tenant)
        }
        return nil
    }

    private func mayHaveLane(_ tenant: TenantID) -> Bool {
        desks[tenant].map { $0.lanes < limits.lanesPerTenant } ?? false
    }

    private mutating func takeWrites(of flow: FlowID, _ tenant: TenantID, upTo limit: Int) -> [Write] {
        guard desks[tenant]?.lines[flow]?.isTaken == false else { return [] }
        var writes: [Write] = []
        while writes.count < limit, case .write(let write) = desks[tenant]?.lines[flow]?.entries.first {
            desks[tenant]?.lines[flow]?.entries.removeFirst()
            writes.append(write)
        }
        if !writes.isEmpty { desks[tenant]?.lines[flow]?.isTaken = true }
        count(-writes.count, tenant)
        return writes
    }

    private mutating func advance(_ flows: [FlowID], of tenant: TenantID) -> Actions {
        let lent = settle(flows, of: tenant)
        return Actions(lent: lent, lanes: newLanes())
    }

    /// Lends flows that nobody has to whoever is first in their lines, or lists them for lanes.
    private mutating func settle(_ flows: [FlowID], of tenant: TenantID) -> [Borrower] {
        var lent: [Borrower] = []
        for flow in flows {
            guard let line = desks[tenant]?.lines[flow], !line.isTaken else { continue }
            switch line.entries.first {
            case nil:
                forgetIfIdle(flow, of: tenant)
            case .borrower(let borrower, _):
                desks[tenant]?.lines[flow]?.entries.removeFirst()
                desks[tenant]?.lines[flow]?.isTaken = true
                count(-1, tenant)
                lent.append(borrower)
            case .write:
                guard !line.isListed else { continue }
                if desks[tenant]?.listed.isEmpty == true { turns.append(tenant) }
                desks[tenant]?.lines[flow]?.isListed = true
                desks[tenant]?.listed.append(flow)
            }
        }
        forgetIfIdle(tenant)
        return lent
    }

    /// One more lane, where one may begin and somebody may have it.
    private mutating func newLanes() -> Int {
        guard !isStarting, lanes < limits.lanes, turns.contains(where: mayHaveLane) else { return 0 }
        lanes += 1
        isStarting = true
        return 1
    }

    private mutating func count(_ change: Int, _ tenant: TenantID) {
        desks[tenant]?.waiting += change
        waiting += change
    }

    private mutating func forgetIfIdle(_ tenant: TenantID) {
        guard let desk = desks[tenant], desk.lines.isEmpty, desk.lanes == 0 else { return }
        desks[tenant] = nil
    }

    private mutating func forgetIfIdle(_ flow: FlowID, of tenant: TenantID) {
        guard let line = desks[tenant]?.lines[flow], line.entries.isEmpty, !line.isTaken, !line.isListed else { return }
        desks[tenant]?.lines[flow] = nil
    }
}
