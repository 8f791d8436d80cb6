/// The right to run a flow, which one process has at a time. Each time it is given it has a higher number, by which a commit
/// of one who lost it is told from one who has it.
public struct Lease: Sendable, Hashable {
    /// The tenant.
    public let tenant: TenantID
    /// The flow.
    public let flow: FlowID
    /// Its number.
    public let number: Int64
    /// When it was given, by the clock of the queue: what is due by that one is due.
    public let since: Timestamp

    /// Creates the value.
    public init(tenant: TenantID, flow: FlowID, number: Int64, since: Timestamp) {
        self.tenant = tenant
        self.flow = flow
        self.number = number
        self.since = since
    }
}

/// What a commit does with a flow's place in the queue of work.
public enum WorkChange: Sendable, Hashable {
    /// It can go on: whoever is free takes it.
    case enqueue
    /// The lease is given back; the flow goes on when it is enqueued, or at the time.
    case giveBack(due: Timestamp?)
}

/// What a process is given to do.
public struct ClaimedWork: Sendable {
    /// Flows to run.
    public let leases: [Lease]
    /// Flows the process runs and should look at again: something was changed beside them.
    public let again: [FlowID]
    /// When the next of those becomes due that wait for a time; nil when none does.
    public let next: Timestamp?

    /// Creates the value.
    public init(leases: [Lease], again: [FlowID] = [], next: Timestamp?) {
        self.leases = leases
        self.again = again
        self.next = next
    }
}

/// The queue of runnable flows across all tenants: ids only, nothing of their content.
public protocol WorkQueue: Sendable {
    /// Takes up to `limit` flows that are due and that nobody alive works on, tenant by tenant in turns, and renews this
    /// process's claim to be alive.
    ///
    /// - Parameters:
    ///   - owner: this process.
    ///   - patience: how long it counts as alive without another call, in seconds.
    ///   - held: the leases this process knows that it has, where the answer to an earlier call may have been lost: others that
    ///     are marked as its own are given to it anew. Nil when no answer was lost.
    func claim(owner: Int64, limit: Int, patience: Int, held: [Int64]?) async throws -> ClaimedWork
    /// Gives back everything that is marked as `owner`'s.
    func release(owner: Int64) async throws
}
