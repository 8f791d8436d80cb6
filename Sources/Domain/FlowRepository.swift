/// Flows, their events, their journal and who works on them.
public protocol FlowRepository: Sendable {
    /// Stores a new flow.
    func insert(_ flow: Flow) async throws
    /// The flow, or nil; with `locked` its row is locked until the end of the transaction (`FOR UPDATE`).
    func find(_ id: FlowID, locked: Bool) async throws -> Flow?
    /// Newest first, with an empty state: lists do not carry it. `cursor` is a ``Page/next`` of an earlier answer; an unusable one gives nil.
    func list(status: FlowStatus?, type: String?, limit: Int, cursor: String?) async throws -> Page<Flow>?
    /// Locks the flow's row until the end of the transaction and gives its version; nil when there is no such flow.
    func lock(_ id: FlowID) async throws -> FlowVersion?
    /// The flows with all that belongs to them, in any order; who is not there is left out. With `locked` as
    /// ``lock(_:)``, in the order of their ids.
    func records(of ids: [FlowID], locked: Bool) async throws -> [FlowRecord]
    /// Writes those flows that still have the versions their changes expect, with their events, and tells other processes on
    /// commit. The others are left as they are.
    ///
    /// - Parameter id: names the commit, for ``happened(_:)``.
    /// - Returns: the flows that were written.
    func commit(_ changes: [FlowChange], as id: CommitID) async throws -> Set<FlowID>
    /// Which of these commits, whose answers were lost, did happen.
    func happened(_ marks: [CommitMark]) async throws -> Set<CommitMark>

    /// Events after `seq`, in order, as far as they are kept: at most `limit`, and no more of them than it takes to reach `bytes` as they are stored.
    func events(of flow: FlowID, after seq: Int64, limit: Int, bytes: Int) async throws -> [FlowEvent]
    /// The size in bytes of the events after `seq` as they are stored, for choosing between patches and a snapshot; nil when
    /// some of them are no longer kept.
    func eventBytes(of flow: FlowID, after seq: Int64) async throws -> Int64?
    /// The last snapshot that was kept of a position up to `seq`; nil when there is none.
    /// - Parameter isWhole: passes over those that lack ``FlowSnapshot/outside``.
    func snapshot(of flow: FlowID, upTo seq: Int64, isWhole: Bool) async throws -> FlowSnapshot?
    /// The first position whose whole document can be told from what is kept: 0 while all events are, else that of the first
    /// whole snapshot after which none is missing; nil when there is none.
    func firstDocument(of flow: FlowID) async throws -> Int64?
    /// The events after `seq` that begin or end something, in order: at most `limit` are looked at, and ``Page/next`` is the
    /// position of the last one when there may be more.
    func milestones(of flow: FlowID, after seq: Int64, limit: Int) async throws -> Page<Milestone>

    /// The journal, in the order of the steps' first start.
    func steps(of flow: FlowID) async throws -> [StepRecord]
    /// What the flow's steps did within their bodies, in the order it was begun.
    func effects(of flow: FlowID) async throws -> [EffectRecord]
}

/// What other processes (or this one) committed, as a wake-up without content.
public enum StoreNotification: Sendable, Equatable {
    /// A stream has reached this position.
    case stream(tenant: TenantID, stream: StreamName, seq: Int64)
    /// Runnable flows may be waiting: what that process has, or, without one, what nobody has.
    case work(of: Int64?)
    /// A process that ends gave back the flows it had.
    case workGivenBack
    /// Deliveries to webhooks may be due.
    case deliveries
    /// A session was revoked.
    case sessionRevoked(tenant: TenantID, session: SessionID)
    /// The listening connection was lost or is silent: nothing is heard until ``mayHaveMissed``.
    case cannotHear
    /// The listening connection is back, or a new one: anything may have been missed.
    case mayHaveMissed
}

extension FlowRepository {
    /// Events after `seq`, in order, at most `limit`, however large.
    public func events(of flow: FlowID, after seq: Int64, limit: Int) async throws -> [FlowEvent] {
        try await events(of: flow, after: seq, limit: limit, bytes: .max)
    }
}
