package import Domain
import JSON
import Ledger

/// Reads stream documents and their changes from the database, in the context of the stream\'s tenant.
package struct StreamReader: Sendable {
    private let store: any Store
    private let registry: StreamRegistry
    /// Entries read at once while a subscriber catches up.
    private let pageSize: Int

    /// Bytes of events that are read at once, unless the first one alone is larger: a subscriber that takes little and
    /// pauses must not have much read for it each time.
    private static let pageBytes = 1 << 20
    /// The same for each of several flows that are read together.
    private static let leastPageBytes = 64 << 10
    /// The most items of a live list's snapshot, newest flows or oldest prompts first.
    private static let maximumItems = 1000

    /// Creates a reader for what the registry's logs do not tell.
    package init(store: any Store, registry: StreamRegistry, pageSize: Int = 200) {
        self.store = store
        self.registry = registry
        self.pageSize = pageSize
    }

    /// Where a subscription begins: at the client's position when what it lacks is no longer than the document, else with
    /// the document.
    package func find(_ request: AttachRequest) async throws -> Result<AttachReply, AttachError> {
        if request.isResync { registry.shelf.outdate(request.key) }
        guard var snapshot = try await snapshot(of: request.key) else { return .failure(.noSuchStream) }
        guard let since = request.since, since.epoch == snapshot.position.epoch else {
            return .success(AttachReply(snapshot: snapshot))
        }
        let end = registry.logs.log(of: request.key)?.end
        if since.seq > max(snapshot.position.seq, end?.epoch == since.epoch ? end?.seq ?? 0 : 0) {
            // The client was elsewhere, and has seen what has not been heard here.
            registry.shelf.outdate(request.key)
            guard let later = try await self.snapshot(of: request.key) else { return .failure(.noSuchStream) }
            snapshot = later
        }
        let last = max(snapshot.position.seq, end?.epoch == since.epoch ? end?.seq ?? 0 : 0)
        guard since.seq <= last, try await isWorthTelling(request, after: since, insteadOf: snapshot) else {
            return .success(AttachReply(snapshot: snapshot))
        }
        return .success(AttachReply(stream: request.stream, since: since, end: last))
    }

    /// The same as ``entries(_:after:)`` for several flows of a tenant, in one round trip where all is there.
    func entries(_ readings: [(flow: FlowID, request: AttachRequest, after: Position)]) async throws -> [StreamPage] {
        let queries = readings.map { EventQuery(flow: $0.flow, after: $0.after.seq) }
        let bytes = max(Self.pageBytes / max(1, readings.count), Self.leastPageBytes)
        let found = try await store.events(queries, limit: pageSize, bytes: bytes)
        var pages: [StreamPage] = []
        for (reading, events) in zip(readings, found) {
            let entries = events.map { StreamEntry($0, flow: reading.flow, epoch: reading.after.epoch) }
            guard !entries.isEmpty, Self.follow(entries, reading.after.seq) else {
                pages.append(try await self.entries(reading.request, after: reading.after))
                continue
            }
            registry.counters.count(.entriesRead)
            pages.append(page(entries, bytes: bytes))
        }
        return pages
    }

    /// The next entries after a position, at most a page, and whether there may be more or some of them are gone.
    package func entries(_ request: AttachRequest, after position: Position) async throws -> StreamPage {
        registry.counters.count(.entriesRead)
        let (seq, epoch) = (position.seq, position.epoch)
        return try await store.transaction(.snapshot) { transaction in
            let entries: [StreamEntry]
            switch (request.stream, request.filter) {
            case (.flow(let id), _):
                let events = try await transaction.flows.events(
                    of: id,
                    after: seq,
                    limit: pageSize,
                    bytes: Self.pageBytes
                )
                entries = events.map { StreamEntry($0, flow: id, epoch: epoch) }
            case (.flows, let filter?), (.prompts, let filter?):
                let view: View = request.stream == .flows ? .flows : .prompts
                let changes = try await transaction.views.changes(of: view, after: seq, limit: pageSize)
                entries = changes.map { filter.entry($0, stream: request.stream, epoch: epoch) }
            case (.flows, nil), (.prompts, nil):
                entries = []
            }
            guard try await isWhole(entries, of: request.stream, after: seq, transaction) else { return .gone }
            return page(entries, bytes: Self.pageBytes)
        }
    }

    private func page(_ entries: [StreamEntry], bytes: Int) -> StreamPage {
        let isFull = entries.count == pageSize || entries.reduce(0) { $0 + $1.byteCount } >= bytes
        return .entries(entries, mayHaveMore: isFull)
    }

    /// Whether entries follow a position without a gap.
    private static func follow(_ entries: [StreamEntry], _ seq: Int64) -> Bool {
        zip(seq..., entries).allSatisfy { $0 == $1.since }
    }

    /// Whether entries that were read are all that follow a position: old ones are not kept for ever.
    private func isWhole(
        _ entries: [StreamEntry],
        of stream: StreamName,
        after seq: Int64,
        _ transaction: any StoreTransaction
    ) async throws -> Bool {
        guard entries.isEmpty else { return Self.follow(entries, seq) }
        switch stream {
        case .flow(let id): return try await transaction.flows.eventBytes(of: id, after: seq) != nil
        case .flows: return try await transaction.views.position(of: .flows).seq <= seq
        case .prompts: return try await transaction.views.position(of: .prompts).seq <= seq
        }
    }

    /// Whether a client is told what it lacks: it is still there and, unless each event is wanted, no longer than the document.
    private func isWorthTelling(
        _ request: AttachRequest,
        after since: Position,
        insteadOf snapshot: StreamSnapshot
    ) async throws -> Bool {
        guard let missing = try await missingBytes(request, since) else { return false }
        return request.interest == .everyEvent || missing <= snapshot.byteCount
    }

    /// What a client lacks, in bytes; nil when some of it is gone, and for a live list when it is more than a page.
    private func missingBytes(_ request: AttachRequest, _ since: Position) async throws -> Int? {
        let log = registry.logs.log(of: request.key)
        if let told = request.interest == .document ? log?.conflated(after: since) : log?.entries(after: since) {
            return told.reduce(0) { $0 + $1.byteCount }
        }
        return try await store.transaction(.snapshot) { transaction in
            switch request.stream {
            case .flow(let id): try await transaction.flows.eventBytes(of: id, after: since.seq).map(Int.init)
            case .flows: try await bytes(of: .flows, after: since.seq, request, transaction)
            case .prompts: try await bytes(of: .prompts, after: since.seq, request, transaction)
            }
        }
    }

    private func bytes(
        of view: View,
        after seq: Int64,
        _ request: AttachRequest,
        _ transaction: any StoreTransaction
    ) async throws -> Int? {
        let end = try await transaction.views.position(of: view).seq
        let changes = try await transaction.views.changes(of: view, after: seq, limit: pageSize)
        guard changes.count == end - seq, let filter = request.filter else { return nil }
        return changes.reduce(0) { $0 + filter.delta($1).json.serializedSize() }
    }

    private func snapshot(of key: StreamKey) async throws -> StreamSnapshot? {
        try await registry.shelf.snapshot(of: key, registry.logs.log(of: key)) {
            registry.counters.count(.documentRead)
            return try await store.transaction(.snapshot) { transaction in
                switch key.stream {
                case .flow(let id): try await document(of: id, transaction)
                case .flows: try await document(of: .flows, key.filter, transaction)
                case .prompts: try await document(of: .prompts, key.filter, transaction)
                }
            }
        }
    }

    private func document(of id: FlowID, _ transaction: any StoreTransaction) async throws -> StreamSnapshot? {
        guard let flow = try await transaction.flows.find(id, locked: false) else { return nil }
        return StreamSnapshot(
            stream: .flow(id),
            position: Position(epoch: flow.epoch, seq: flow.seq),
            document: try await FlowHistory(of: flow, in: transaction).present()
        )
    }

    private func document(
        of view: View,
        _ filter: ViewFilter?,
        _ transaction: any StoreTransaction
    ) async throws -> StreamSnapshot? {
        let position = try await transaction.views.position(of: view)
        var items = JSONObject()
        for (id, item) in try await self.items(of: view, transaction) where filter?.admits(item) ?? false {
            items[id] = item
        }
        return StreamSnapshot(stream: view.stream, position: position, document: ["items": .object(items)])
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

/// What was found after a position.
package enum StreamPage: Sendable {
    /// The entries that follow, without a gap, and whether more may follow them.
    case entries([StreamEntry], mayHaveMore: Bool)
    /// Some of them are no longer kept: only the document is left.
    case gone
}
