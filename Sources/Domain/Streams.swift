public import JSON

/// What a client can subscribe to.
public enum StreamName: Hashable, Sendable, CustomStringConvertible {
    /// One flow: state, events, open prompts.
    case flow(FlowID)
    /// The live list of a tenant's flows.
    case flows
    /// The reviewer's inbox.
    case prompts

    /// Parses `flow:<id>`, `flows` or `prompts`; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "flows": self = .flows
        case "prompts": self = .prompts
        default:
            guard text.hasPrefix("flow:"), let id = FlowID(text.dropFirst(5)) else { return nil }
            self = .flow(id)
        }
    }

    /// The name on the wire.
    public var text: String {
        switch self {
        case .flow(let id): "flow:\(id)"
        case .flows: "flows"
        case .prompts: "prompts"
        }
    }

    /// The name on the wire.
    public var description: String { text }
}

/// The two live lists of a tenant.
public enum View: String, Sendable, Hashable, CaseIterable {
    /// All flows, by their summaries.
    case flows
    /// All prompts that wait for an answer.
    case prompts

    /// The stream that shows it.
    public var stream: StreamName { self == .flows ? .flows : .prompts }
}

/// A position in a stream.
public struct Position: Sendable, Hashable {
    /// Changes when the log was restored or truncated.
    public let epoch: String
    /// The last event that is included.
    public let seq: Int64

    /// Creates the value.
    public init(epoch: String, seq: Int64) {
        self.epoch = epoch
        self.seq = seq
    }
}

/// One change of an item in a view, before it is cut down to what a subscriber may see.
public struct ViewChange: Sendable, Equatable {
    /// The position in the view, 1, 2, 3 … without gaps.
    public let seq: Int64
    /// The item's id.
    public let item: String
    /// The item before; nil when it was not in the view.
    public let before: JSON?
    /// The item after; nil when it left the view.
    public let after: JSON?

    /// Creates the value.
    public init(seq: Int64, item: String, before: JSON?, after: JSON?) {
        self.seq = seq
        self.item = item
        self.before = before
        self.after = after
    }
}

/// What one commit added to the streams of a tenant.
public struct Committed: Sendable, Equatable {
    /// The tenant.
    public let tenant: TenantID
    /// The flow and its new events, in order.
    public var flow: FlowID?
    /// The flow's epoch.
    public var epoch: String
    /// The flow's new events, in order.
    public var events: [FlowEvent]
    /// New changes of the list of flows, in order.
    public var flows: [ViewChange]
    /// New changes of the list of prompts, in order.
    public var prompts: [ViewChange]
    /// How many flows somebody has to look at now.
    public var runnable: Int

    /// Creates the value.
    public init(
        tenant: TenantID,
        flow: FlowID? = nil,
        epoch: String = "",
        events: [FlowEvent] = [],
        flows: [ViewChange] = [],
        prompts: [ViewChange] = [],
        runnable: Int = 0
    ) {
        self.tenant = tenant
        self.flow = flow
        self.epoch = epoch
        self.events = events
        self.flows = flows
        self.prompts = prompts
        self.runnable = runnable
    }
}
