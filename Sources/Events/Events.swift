// Events: what has happened, as values with types.
//
// What it is for: reading the log of a flow, which is written in AG-UI's words, as the few things that somebody outside
// wants to hear of, and telling them to subscribers within the process. Everything is derived from what was committed, so
// nobody hears of what is not in the database. It must never know how events are stored or sent anywhere.

public import Domain
public import JSON

/// Something that has happened to a flow.
public protocol DomainEvent: Sendable {
    /// What is written for it on the wire.
    static var kind: EventKind { get }

    /// Reads the event; nil when the record is of another kind or lacks what the event needs.
    init?(_ record: EventRecord)

    /// What it says beside whom it is about, as webhooks carry it.
    var data: JSONObject { get }
}

/// One entry of a flow's log, as it was committed.
public struct EventRecord: Sendable, Equatable {
    /// Whose flow it is.
    public let tenant: TenantID
    /// The flow.
    public let flow: FlowID
    /// The flow's epoch.
    public let epoch: String
    /// The flow's type, where the source of the record has it: always with a flow that is new.
    public let flowType: String?
    /// The flow's title, as ``flowType``.
    public let flowTitle: String?
    /// The entry.
    public let entry: FlowEvent

    /// Creates the value.
    public init(
        tenant: TenantID,
        flow: FlowID,
        epoch: String,
        flowType: String? = nil,
        flowTitle: String? = nil,
        entry: FlowEvent
    ) {
        self.tenant = tenant
        self.flow = flow
        self.epoch = epoch
        self.flowType = flowType
        self.flowTitle = flowTitle
        self.entry = entry
    }

    /// The member of the AG-UI event.
    subscript(name: String) -> JSON? { entry.event[name] }

    /// What a `CUSTOM` event carries.
    var value: JSON? { self["value"] }
}

/// Where and when an event happened.
public struct EventOrigin: Sendable, Hashable {
    /// Whose flow it is.
    public let tenant: TenantID
    /// The flow.
    public let flow: FlowID
    /// The position in the flow's log. An epoch and a position are one event, and no other.
    public let position: Position

    init(_ record: EventRecord) {
        tenant = record.tenant
        flow = record.flow
        position = Position(epoch: record.epoch, seq: record.entry.seq)
    }
}

extension Committed {
    /// The commit's entries, each as a record.
    public var records: [EventRecord] {
        guard let flow else { return [] }
        let line = flows.last { $0.item == flow.text }?.after
        return events.map {
            EventRecord(
                tenant: tenant,
                flow: flow,
                epoch: epoch,
                flowType: line?["type"]?.string,
                flowTitle: line?["title"]?.string,
                entry: $0
            )
        }
    }
}
