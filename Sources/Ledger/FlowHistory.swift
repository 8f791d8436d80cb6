public import Domain
public import JSON

/// What a flow was at earlier positions: the last snapshot before, and the events since folded into it. Nothing is guessed:
/// where something between them is no longer kept, there is no answer.
public struct FlowHistory {
    private let flow: Flow
    private let transaction: any StoreTransaction

    /// Events that are read at once.
    private static let eventsAtOnce = 1000
    /// The same in bytes, unless the first one alone is larger.
    private static let bytesAtOnce = 8 << 20

    /// The history of a flow as it is in this transaction, which sees one moment.
    public init(of flow: Flow, in transaction: any StoreTransaction) {
        self.flow = flow
        self.transaction = transaction
    }

    /// The state at a position up to the present one; nil when that is no longer known.
    public func state(at seq: Int64) async throws -> JSON? {
        guard seq != flow.seq else { return flow.state }
        let base = try await transaction.flows.snapshot(of: flow.id, upTo: seq, isWhole: false)
        let past = Past(seq: base?.seq ?? 0, state: base?.state ?? [:], outside: nil)
        return try await fold(into: past, upTo: seq)?.state
    }

    /// The stream document at a position up to the present one; nil when that is no longer known.
    public func document(at seq: Int64) async throws -> JSON? {
        guard seq != flow.seq else { return try await present() }
        let base = try await transaction.flows.snapshot(of: flow.id, upTo: seq, isWhole: true)
        let past = Past(
            seq: base?.seq ?? 0,
            state: base?.state ?? [:],
            outside: base?.outside ?? flow.outsideBeforeEvents
        )
        return try await fold(into: past, upTo: seq)?.document
    }

    /// The stream document as the transaction sees it.
    public func present() async throws -> JSON {
        let prompts = try await transaction.prompts.list(
            flow: flow.id,
            status: nil,
            pendingOnly: true,
            limit: FlowWriter.maximumOpenPrompts,
            cursor: nil
        )
        return [
            "flow": flow.streamMember(steps: try await transaction.flows.steps(of: flow.id)),
            "state": flow.state,
            "prompts": .array(prompts?.items.map(\.json) ?? []),
        ]
    }

    /// The first position whose document is known.
    public func firstDocument() async throws -> Int64 {
        try await transaction.flows.firstDocument(of: flow.id) ?? flow.seq
    }

    private func fold(into base: Past, upTo end: Int64) async throws -> Past? {
        var past = base
        while past.seq < end {
            let events = try await transaction.flows.events(
                of: flow.id,
                after: past.seq,
                limit: min(Self.eventsAtOnce, Int(clamping: end - past.seq)),
                bytes: Self.bytesAtOnce
            )
            guard events.first?.seq == past.seq + 1 else { return nil }
            for event in events { try past.apply(event) }
        }
        return past
    }
}

/// A document in the making, in its two parts: the state, and what the patches of events change.
private struct Past {
    var seq: Int64
    var state: JSON
    /// Nil when only the state is wanted.
    var outside: JSON?

    mutating func apply(_ event: FlowEvent) throws {
        switch event.event["type"]?.string {
        case "STATE_SNAPSHOT": state = event.event["snapshot"] ?? state
        case "STATE_DELTA": state = try JSONPatch(json: event.event["delta"] ?? .array([])).apply(to: state)
        default: break
        }
        if let patch = event.patch { outside = try outside.map { try JSONPatch(json: patch).apply(to: $0) } }
        seq = event.seq
    }

    var document: JSON {
        ["flow": outside?["flow"] ?? .null, "state": state, "prompts": outside?["prompts"] ?? .array([])]
    }
}

/// What would have to be read is no longer kept.
public struct HistoryGone: Error, Equatable, Sendable {
    /// Creates the error.
    public init() {}
}
