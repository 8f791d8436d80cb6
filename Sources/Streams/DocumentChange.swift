import Domain
import JSON

/// What an entry does to a document, where it tells nothing else: in a form that can be folded.
struct DocumentChange: Sendable {
    /// The new state, before ``delta``; nil when it is the old one.
    let state: JSON?
    /// What changes in the state.
    let delta: JSONPatch
    /// What changes outside the state.
    let patch: JSONPatch

    /// One change for several that follow each other.
    /// - Throws: ``JSONPatchError`` when they do not fit.
    static func folding(_ changes: [DocumentChange]) throws -> DocumentChange {
        let base = changes.lastIndex { $0.state != nil }
        let delta = try JSONPatch.folding(changes[(base ?? 0)...].lazy.map(\.delta))
        let patch = try JSONPatch.folding(changes.lazy.map(\.patch))
        guard let base, let state = changes[base].state else {
            return DocumentChange(state: nil, delta: delta, patch: patch)
        }
        return DocumentChange(state: try delta.apply(to: state), delta: JSONPatch(), patch: patch)
    }

    /// The AG-UI event that tells the change of the state.
    func event(at timestamp: JSON?) -> JSON {
        var event: JSONObject =
            if let state {
                ["type": "STATE_SNAPSHOT", "snapshot": state]
            } else {
                ["type": "STATE_DELTA", "delta": delta.json]
            }
        if let timestamp { event["timestamp"] = timestamp }
        return .object(event)
    }

    /// Reads an entry, once for all who fold it.
    struct Reading: EntryFormat {
        /// Nil when the entry tells more than how the document changes. The inbox is what people decide by: it is told in
        /// full. So is a patch that copies, because many of them may be more than is allowed to one.
        let change: DocumentChange?

        static func encode(_ entry: StreamEntry) -> Reading { Reading(change: entry.documentChange) }
    }
}

extension StreamEntry {
    fileprivate var documentChange: DocumentChange? {
        guard stream != .prompts, let patch = try? patch.map(JSONPatch.init(json:)) ?? JSONPatch(), !patch.copies else {
            return nil
        }
        switch event["type"]?.string {
        case "STATE_SNAPSHOT":
            return DocumentChange(state: event["snapshot"] ?? .null, delta: JSONPatch(), patch: patch)
        case "STATE_DELTA":
            guard let delta = try? JSONPatch(json: event["delta"] ?? .array([])), !delta.copies else { return nil }
            return DocumentChange(state: nil, delta: delta, patch: patch)
        default:
            return nil
        }
    }
}

extension JSONPatch {
    fileprivate var copies: Bool {
        operations.contains { if case .copy = $0 { true } else { false } }
    }
}
