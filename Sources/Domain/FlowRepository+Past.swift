public import JSON

/// The beginning of what would have to be read is not kept any more.
public struct HistoryGone: Error, Equatable, Sendable {
    /// Creates the error.
    public init() {}
}

extension FlowRepository {
    /// Events that are read at once, to be folded.
    private static var eventsAtOnce: Int { 500 }

    /// The state at an earlier position: the last one before it that was kept, and the events since.
    /// - Throws: ``HistoryGone``.
    public func state(of flow: FlowID, at end: Int64) async throws -> JSON {
        let base = try await snapshot(of: flow, upTo: end)
        var state = base?.state ?? [:]
        var seq = base?.seq ?? 0
        while seq < end {
            let limit = min(Self.eventsAtOnce, Int(clamping: end - seq))
            let events = try await events(of: flow, after: seq, limit: limit)
            guard let last = events.last, events.first?.seq == seq + 1 else { throw HistoryGone() }
            for event in events.lazy.map(\.event) {
                switch event["type"]?.string {
                case "STATE_SNAPSHOT": state = event["snapshot"] ?? state
                case "STATE_DELTA": state = try JSONPatch(json: event["delta"] ?? .array([])).apply(to: state)
                default: break
                }
            }
            seq = last.seq
        }
        return state
    }
}
