import Domain
import JSON

/// Fewer entries with the same effect, for a subscriber that cannot take all of them.
///
/// Only changes of a document are folded. Everything else that happened (runs, messages, prompts, decisions) is told in
/// full and in its place, and nothing is folded across it.
enum Conflation {
    /// Folds each run of changes; the entries follow each other without a gap.
    static func conflate(_ entries: some Collection<StreamEntry>) -> [StreamEntry] {
        var (result, run) = ([StreamEntry](), [StreamEntry]())
        for entry in entries {
            if entry.isFoldable {
                run.append(entry)
            } else {
                result += folded(run)
                run = []
                result.append(entry)
            }
        }
        return result + folded(run)
    }

    private static func folded(_ run: [StreamEntry]) -> [StreamEntry] {
        guard run.count > 1, let first = run.first, let last = run.last else { return run }
        // Patches that were applied one after the other can be folded; whoever cannot take them folded takes them as they are.
        guard let event = try? event(of: run, last), let patch = try? patch(of: run) else { return run }
        return [
            StreamEntry(
                stream: last.stream,
                position: last.position,
                since: first.since,
                event: event,
                patch: patch.isEmpty ? nil : patch.json,
                digest: last.digest
            )
        ]
    }

    private static func patch(of run: [StreamEntry]) throws -> JSONPatch {
        try JSONPatch.folding(run.compactMap(\.patch).map { try JSONPatch(json: $0) })
    }

    private static func event(of run: [StreamEntry], _ last: StreamEntry) throws -> JSON {
        let base = run.lastIndex { $0.event["type"]?.string == "STATE_SNAPSHOT" }
        let deltas = try run[(base.map { $0 + 1 } ?? 0)...].map { try JSONPatch(json: $0.event["delta"] ?? .array([])) }
        let delta = try JSONPatch.folding(deltas)
        var event: JSONObject = ["type": "STATE_DELTA", "delta": delta.json]
        if let base, let snapshot = run[base].event["snapshot"] {
            event = ["type": "STATE_SNAPSHOT", "snapshot": try delta.apply(to: snapshot)]
        }
        if let timestamp = last.event["timestamp"] { event["timestamp"] = timestamp }
        return .object(event)
    }
}

extension StreamEntry {
    /// Whether it tells nothing but how the document changed. The inbox is what people decide by: it is told in full.
    var isFoldable: Bool {
        guard stream != .prompts else { return false }
        let type = event["type"]?.string
        return type == "STATE_DELTA" || type == "STATE_SNAPSHOT"
    }
}
