import Domain
import JSON

/// Fewer entries with the same effect, for a subscriber that cannot take all of them.
///
/// Only changes of a document are folded. Everything else that happened (runs, messages, prompts, decisions) is told in
/// full and in its place, and nothing is folded across it.
enum Conflation {
    /// Folds each run of changes; the entries follow each other without a gap.
    static func conflate(_ entries: some Sequence<StreamEntry>) -> [StreamEntry] {
        var (result, run) = ([StreamEntry](), [(StreamEntry, DocumentChange)]())
        for entry in entries {
            if let change = entry.encoded(as: DocumentChange.Reading.self).change {
                run.append((entry, change))
            } else {
                result += folded(run)
                run = []
                result.append(entry)
            }
        }
        return result + folded(run)
    }

    private static func folded(_ run: [(entry: StreamEntry, change: DocumentChange)]) -> [StreamEntry] {
        // Patches that were applied one after the other can be folded; whoever cannot take them folded takes them as they are.
        guard run.count > 1, let first = run.first?.entry, let last = run.last?.entry,
            let change = try? DocumentChange.folding(run.map(\.change))
        else { return run.map(\.entry) }
        return [
            StreamEntry(
                stream: last.stream,
                position: last.position,
                since: first.since,
                event: change.event(at: last.event["timestamp"]),
                patch: change.patch.isEmpty ? nil : change.patch.json,
                digest: last.digest
            )
        ]
    }
}
