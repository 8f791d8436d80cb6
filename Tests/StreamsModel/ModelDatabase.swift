import Domain
import JSON
import Streams

/// What is committed in the model, and what every watcher has to hold at every position.
final class ModelDatabase: @unchecked Sendable {
    let tenant: TenantID
    let filters: [ViewFilter]
    var flows: [FlowID: Flow] = [:]
    private var commits: [FlowID: CommitID] = [:]
    var events: [FlowID: [FlowEvent]] = [:]
    var changes: [View: [ViewChange]] = [.flows: [], .prompts: []]
    let viewEpoch = "views"
    /// Events and changes up to these positions are gone.
    private var gone: (events: [FlowID: Int64], changes: [View: Int64]) = ([:], [:])
    /// How many of the next readings fail.
    var failures = 0
    /// The document of each key after each of its positions, from 0 on, worked out from the events alone.
    private(set) var documents: [StreamKey: [JSON]] = [:]
    /// What a commit has to say to all nodes.
    var onCommit: (StreamName, Int64) -> Void = { _, _ in }

    init(tenant: TenantID, filters: [ViewFilter]) {
        self.tenant = tenant
        self.filters = filters
        for filter in filters {
            documents[StreamKey(tenant: tenant, stream: .flows, filter: filter)] = [["items": [:]]]
        }
    }

    func key(_ flow: FlowID) -> StreamKey { StreamKey(tenant: tenant, stream: .flow(flow), filter: nil) }

    func insert(_ flow: Flow) {
        flows[flow.id] = flow
        events[flow.id] = []
        documents[key(flow.id)] = [["flow": flow.streamMember(steps: []), "state": flow.state, "prompts": []]]
    }

    func version(of flow: FlowID) -> FlowVersion? {
        flows[flow].map { FlowVersion(seq: $0.seq, commit: commits[flow]) }
    }

    func write(_ change: FlowChange, as id: CommitID) throws {
        var flow = change.flow
        if !change.isStateChanged { flow.state = flows[flow.id]?.state ?? .null }
        flows[flow.id] = flow
        commits[flow.id] = id
        try append(change.events.map(\.event), to: flow.id)
    }

    private func append(_ new: [FlowEvent], to flow: FlowID) throws {
        let key = key(flow)
        for event in new {
            let entry = StreamEntry(event, flow: flow, epoch: flows[flow]?.epoch ?? "")
            try follow(key, entry)
            events[flow]?.append(event)
        }
        if let last = new.last { onCommit(.flow(flow), last.seq) }
    }

    func append(_ view: View, item: String, before: JSON?, after: JSON?) throws -> ViewChange {
        let seq = Int64(changes[view]?.count ?? 0) + 1
        let change = ViewChange(seq: seq, item: item, before: before, after: after)
        changes[view]?.append(change)
        for filter in filters where view == .flows {
            let key = StreamKey(tenant: tenant, stream: .flows, filter: filter)
            let entry = filter.entry(change, stream: .flows, epoch: viewEpoch)
            try follow(key, entry)
        }
        onCommit(view.stream, seq)
        return change
    }

    private func follow(_ key: StreamKey, _ entry: StreamEntry) throws {
        let next = try entry.applied(to: documents[key]?.last ?? .null)
        documents[key]?.append(next)
    }

    /// What is left of a flow's events after a position.
    func kept(_ flow: FlowID, after seq: Int64) -> ArraySlice<FlowEvent> {
        (events[flow] ?? []).dropFirst(Int(max(seq, gone.events[flow] ?? 0)))
    }

    /// What is left of a list's changes after a position.
    func kept(_ view: View, after seq: Int64) -> ArraySlice<ViewChange> {
        (changes[view] ?? []).dropFirst(Int(max(seq, gone.changes[view] ?? 0)))
    }

    /// Drops what happened before now, but for the last few events and changes.
    func prune(keeping count: Int64) {
        for flow in flows.values { gone.events[flow.id] = max(0, flow.seq - count) }
        for (view, changes) in changes { gone.changes[view] = max(0, Int64(changes.count) - count) }
    }

    /// What whoever watches `key` has to hold at the position.
    func document(_ key: StreamKey, at seq: Int64) -> JSON? {
        guard let versions = documents[key], versions.indices.contains(Int(seq)) else { return nil }
        return versions[Int(seq)]
    }

    /// The last position of a key.
    func end(_ key: StreamKey) -> Int64 { Int64((documents[key]?.count ?? 1) - 1) }
}
