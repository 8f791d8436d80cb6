public import JSON

/// Names one commit.
public enum Commit {}

/// Names a commit. The rows it wrote carry it, so that they tell whether it happened.
public typealias CommitID = Identifier<Commit>

/// How far a flow has come, and by which commit. Two histories that went apart (a database that lost its last commits) may
/// have the same positions, but never the same commits.
public struct FlowVersion: Sendable, Hashable {
    /// The position.
    public let seq: Int64
    /// The commit that took it there; nil for what was written before commits had names.
    public let commit: CommitID?

    /// Creates the value.
    public init(seq: Int64, commit: CommitID?) {
        self.seq = seq
        self.commit = commit
    }
}

/// A flow with all that belongs to it and changes only with its version: whoever knows it at a version knows all of it.
public struct FlowRecord: Sendable, Equatable {
    /// The flow.
    public let flow: Flow
    /// The commit that wrote it last.
    public let commit: CommitID?
    /// Its journal, in the order of the steps' first start.
    public let steps: [StepRecord]
    /// What those of its steps did that are not over, in the order it was begun.
    public let effects: [EffectRecord]
    /// Its prompts that wait for an answer, oldest first.
    public let openPrompts: [Prompt]
    /// The number of the last lease on the flow, as it was read: one that is not up to date is found out by the commit.
    public let lease: Int64?
    /// What follows from the journal, where that was worked out before.
    public let summary: JournalSummary?

    /// Creates the value.
    public init(
        flow: Flow,
        commit: CommitID?,
        steps: [StepRecord],
        effects: [EffectRecord] = [],
        openPrompts: [Prompt],
        lease: Int64? = nil,
        summary: JournalSummary? = nil
    ) {
        self.flow = flow
        self.commit = commit
        self.steps = steps
        self.effects = effects
        self.openPrompts = openPrompts
        self.lease = lease
        self.summary = summary
    }

    /// The flow's version.
    public var version: FlowVersion { FlowVersion(seq: flow.seq, commit: commit) }
}

/// What one commit writes of one flow.
public struct FlowChange: Sendable {
    /// The flow as it will be: its status, phase, seq, run, openPrompts and updatedAt are written.
    public let flow: Flow
    /// Whether its state is written too.
    public let isStateChanged: Bool
    /// The version it must have before.
    public let expected: FlowVersion
    /// The new events, at the positions that follow.
    public let events: [AppendedEvent]
    /// States to keep for whoever asks for the state at an earlier position; mostly none.
    public let snapshots: [FlowSnapshot]
    /// Its line in the list of flows, where that changes.
    public let line: ItemChange?
    /// Rows of the journal, new or changed.
    public let steps: [StepRecord]
    /// What steps did, new or changed.
    public let effects: [EffectRecord]
    /// Written only by whoever has the lease of this number; nil for what anybody may write.
    public let lease: Int64?
    /// What becomes of the flow's place in the queue of work.
    public let work: WorkChange?

    /// Creates the value.
    public init(
        flow: Flow,
        isStateChanged: Bool,
        expected: FlowVersion,
        events: [AppendedEvent],
        snapshots: [FlowSnapshot] = [],
        line: ItemChange?,
        steps: [StepRecord] = [],
        effects: [EffectRecord] = [],
        lease: Int64? = nil,
        work: WorkChange? = nil
    ) {
        self.flow = flow
        self.isStateChanged = isStateChanged
        self.expected = expected
        self.events = events
        self.snapshots = snapshots
        self.line = line
        self.steps = steps
        self.effects = effects
        self.lease = lease
        self.work = work
    }

    /// Whether the end of the flow is what another flow waits for.
    public var wakesParent: Bool { flow.parent != nil && flow.parent?.seq == nil && flow.status.isFinal }

    /// The flows that somebody has to look at after the commit: this one, where something is due now or earlier than is
    /// known, and the one that waits for its end.
    public var runnable: [FlowID] {
        let parent = wakesParent ? flow.parent.map { [$0.flow] } ?? [] : []
        return switch work {
        case .enqueue: [flow.id] + parent
        case .giveBack(let due, _): due == nil ? parent : [flow.id] + parent
        case nil: parent
        }
    }
}

/// What a flow was at a position: what later events are folded into once those before it are gone.
public struct FlowSnapshot: Sendable, Equatable {
    /// The last position that is included.
    public let seq: Int64
    /// The state.
    public let state: JSON
    /// The stream document outside `/state`; nil where it was not kept, as before it was asked for.
    public let outside: JSON?
    /// When it was taken.
    public let at: Timestamp

    /// Creates the value.
    public init(seq: Int64, state: JSON, outside: JSON?, at: Timestamp) {
        self.seq = seq
        self.state = state
        self.outside = outside
        self.at = at
    }
}

/// A new event, and who caused it when.
public struct AppendedEvent: Sendable, Equatable {
    /// The event.
    public let event: FlowEvent
    /// The subject who caused it.
    public let actor: String
    /// When; never before the event that it follows.
    public let at: Timestamp

    /// Creates the value.
    public init(event: FlowEvent, actor: String, at: Timestamp) {
        self.event = event
        self.actor = actor
        self.at = at
    }
}

/// A change of an item of a live list, before it has its position there.
public struct ItemChange: Sendable, Equatable {
    /// The item's id.
    public let item: String
    /// The item before; nil when it was not in the list.
    public let before: JSON?
    /// The item after; nil when it leaves the list.
    public let after: JSON?

    /// Creates the value.
    public init(item: String, before: JSON?, after: JSON?) {
        self.item = item
        self.before = before
        self.after = after
    }
}

/// Where a commit would have written the first of its events to a flow.
public struct CommitMark: Sendable, Hashable {
    /// The flow.
    public let flow: FlowID
    /// The position of the event.
    public let seq: Int64
    /// The commit.
    public let commit: CommitID

    /// Creates the value.
    public init(flow: FlowID, seq: Int64, commit: CommitID) {
        self.flow = flow
        self.seq = seq
        self.commit = commit
    }
}
