public import JSON

/// Where a flow stands.
public enum FlowStatus: String, Sendable, Hashable, CaseIterable {
    /// Created, nothing has run yet.
    case pending
    /// A run is going on.
    case running
    /// Nothing can go on before a person decides.
    case waiting
    /// Ended as intended.
    case succeeded
    /// Ended by an error; can be retried.
    case failed
    /// Ended by a person.
    case cancelled

    /// Whether nothing more will happen by itself.
    public var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
}

/// One stretch of execution inside a flow. Only its id is kept; the events tell its story.
public enum Run {}

/// Where a flow comes from, when another flow has to do with it.
public struct FlowParent: Sendable, Hashable {
    /// The other flow.
    public let flow: FlowID
    /// The position of the other flow that this one was forked from; nil when one of its steps started it.
    public let seq: Int64?

    /// Creates the value.
    public init(flow: FlowID, seq: Int64?) {
        self.flow = flow
        self.seq = seq
    }
}

/// One long-lived piece of agent work.
public struct Flow: Sendable, Equatable {
    /// The flow's id.
    public let id: FlowID
    /// The registered type, or `external` for a flow that is driven by its agent.
    public let type: String
    /// What people call it.
    public let title: String
    /// Where it stands.
    public var status: FlowStatus
    /// The name of what it is doing now.
    public var phase: String?
    /// The flow's own document, always an object.
    public var state: JSON
    /// What its creator attached, always an object.
    public let metadata: JSON
    /// What it was started with.
    public let input: JSON?
    /// The steps of a native flow as `{nodes, edges}`, as they were when it was created.
    public let graph: JSON?
    /// The position of its last event; 0 before the first.
    public var seq: Int64
    /// Changes when the event log was restored or truncated.
    public let epoch: String
    /// The run that is going on, or the last one.
    public var run: RunID?
    /// Who created it.
    public let createdBy: String
    /// When it was created.
    public let createdAt: Timestamp
    /// When it last changed.
    public var updatedAt: Timestamp
    /// How many of its prompts wait for an answer.
    public var openPrompts = 0
    /// The version of its type's definition.
    public var version = 1
    /// The flow it was forked from, or whose step started it.
    public var parent: FlowParent?

    /// Creates the value.
    public init(
        id: FlowID,
        type: String,
        title: String,
        status: FlowStatus,
        phase: String?,
        state: JSON,
        metadata: JSON,
        input: JSON?,
        graph: JSON?,
        seq: Int64,
        epoch: String,
        run: RunID?,
        createdBy: String,
        createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.title = title
        self.status = status
        self.phase = phase
        self.state = state
        self.metadata = metadata
        self.input = input
        self.graph = graph
        self.seq = seq
        self.epoch = epoch
        self.run = run
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The type of flows that are driven by their agent over the API.
    public static let externalType = "external"
}

/// One AG-UI 1.0 event at one position of a flow.
public struct FlowEvent: Sendable, Equatable {
    /// The position, 1, 2, 3 … without gaps.
    public let seq: Int64
    /// The event, as AG-UI writes it.
    public let event: JSON
    /// What the event changed in the stream document outside `/state`, as an RFC 6902 patch; nil for nothing.
    public let patch: JSON?
    /// The digest of the state after the event, where it was computed.
    public let digest: String?

    /// Creates the value.
    public init(seq: Int64, event: JSON, patch: JSON?, digest: String?) {
        self.seq = seq
        self.event = event
        self.patch = patch
        self.digest = digest
    }

    /// What the names of our own `CUSTOM` events begin with. Agents may not use it, so that nobody takes theirs for ours.
    public static let reservedPrefix = "signalbox."
}
