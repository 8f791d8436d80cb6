public import Domain
public import JSON

/// What a subscriber asks for.
public struct AttachRequest: Sendable {
    /// The tenant of the caller.
    public let tenant: TenantID
    /// The stream.
    public let stream: StreamName
    /// The last position the client holds, if it holds any.
    public let since: Position?
    /// What the caller sees of a live list; nil for a flow.
    public let filter: ViewFilter?
    /// Whether the caller wants each event of a flow after `since`, even where the document would be smaller.
    public let wantsEveryEvent: Bool

    /// Creates the value.
    public init(
        tenant: TenantID,
        stream: StreamName,
        since: Position?,
        filter: ViewFilter?,
        wantsEveryEvent: Bool = false
    ) {
        self.tenant = tenant
        self.stream = stream
        self.since = since
        self.filter = filter
        self.wantsEveryEvent = wantsEveryEvent
    }
}

/// The answer to a subscription: where it begins.
public struct AttachReply: Sendable {
    /// The stream.
    public let stream: StreamName
    /// The position from which on changes follow: of the snapshot, or the one the client already held.
    public let position: Position
    /// The whole document; nil when patches since the client's own position follow.
    public let snapshot: JSON?
    /// The digest of the snapshot (of its `/state` for a flow).
    public let digest: String?
}

/// Reads stream documents and their changes from the database.
struct StreamReader: Sendable {
    let store: any Store

    /// Entries read at once while a subscriber catches up.
    static let pageSize = 200
    /// Bytes of events that are read at once, unless the first one alone is larger: a subscriber that takes little and
    /// pauses must not have much read for it each time.
    static let pageBytes = 1 << 20
    /// The most items of a live list's snapshot, newest flows or oldest prompts first.
    static let maximumItems = 1000

    /// Where a subscription begins: at the client's position when what it lacks is smaller than the document, else with
    /// the document. Nil when there is no such stream in this tenant.
    func attach(_ request: AttachRequest) async throws -> AttachReply? {
        try await store.transaction(as: request.tenant, .snapshot) { transaction in
            switch request.stream {
            case .flow(let id): try await attach(id, request, transaction)
            case .flows: try await attach(.flows, request, transaction)
            case .prompts: try await attach(.prompts, request, transaction)
            }
        }
    }

    /// The next entries after `seq`, at most a page; none when there are no more.
    func entries(
        tenant: TenantID,
        stream: StreamName,
        epoch: String,
        after seq: Int64,
        filter: ViewFilter?
    ) async throws -> [StreamEntry] {
        try await store.transaction(as: tenant, .snapshot) { transaction in
            switch stream {
            case .flow(let id):
                let events = try await transaction.flows.events(
                    of: id,
                    after: seq,
                    limit: Self.pageSize,
                    bytes: Self.pageBytes
                )
                return events.map { StreamEntry($0, flow: id, epoch: epoch) }
            case .flows, .prompts:
                guard let filter else { return [] }
                let view: View = stream == .flows ? .flows : .prompts
                let changes = try await transaction.views.changes(of: view, after: seq, limit: Self.pageSize)
                return changes.map { filter.entry($0, stream: stream, epoch: epoch) }
            }
        }
    }

    private func attach(
        _ id: FlowID,
        _ request: AttachRequest,
        _ transaction: any StoreTransaction
    ) async throws -> AttachReply? {
        guard let flow = try await transaction.flows.find(id, locked: false) else { return nil }
        let prompts = try await transaction.prompts.list(
            flow: id,
            status: nil,
            pendingOnly: true,
            limit: Self.maximumItems,
            cursor: nil
        )
        let document: JSON = [
            "flow": flow.streamMember(steps: try await transaction.flows.steps(of: id)),
            "state": flow.state,
            "prompts": .array(prompts?.items.map(\.json) ?? []),
        ]
        let position = Position(epoch: flow.epoch, seq: flow.seq)
        if let since = request.since, since.epoch == position.epoch, since.seq <= position.seq {
            let missing =
                request.wantsEveryEvent ? 0 : try await transaction.flows.eventBytes(of: id, after: since.seq)
            if missing <= Int64(document.serialized().count) {
                return AttachReply(stream: request.stream, position: since, snapshot: nil, digest: nil)
            }
        }
        return AttachReply(stream: request.stream, position: position, snapshot: document, digest: flow.state.digest)
    }

    private func attach(
        _ view: View,
        _ request: AttachRequest,
        _ transaction: any StoreTransaction
    ) async throws -> AttachReply? {
        let position = try await transaction.views.position(of: view)
        if let since = request.since, since.epoch == position.epoch, since.seq <= position.seq,
            position.seq - since.seq <= Int64(Self.pageSize)
        {
            return AttachReply(stream: request.stream, position: since, snapshot: nil, digest: nil)
        }
        var items = JSONObject()
        for (id, item) in try await self.items(of: view, transaction) where request.filter?.admits(item) ?? false {
            items[id] = item
        }
        let document: JSON = ["items": .object(items)]
        return AttachReply(stream: request.stream, position: position, snapshot: document, digest: document.digest)
    }

    private func items(of view: View, _ transaction: any StoreTransaction) async throws -> [(String, JSON)] {
        switch view {
        case .flows:
            let page = try await transaction.flows.list(status: nil, type: nil, limit: Self.maximumItems, cursor: nil)
            return page?.items.map { ($0.id.text, $0.summary) } ?? []
        case .prompts:
            let page = try await transaction.prompts.list(
                flow: nil,
                status: nil,
                pendingOnly: true,
                limit: Self.maximumItems,
                cursor: nil
            )
            return page?.items.map { ($0.id.text, $0.json) } ?? []
        }
    }
}
