import Domain
import JSON

/// Whether a subscriber sees an item before and after a change: all who see the same get the same entry.
struct ViewVisibility: Hashable {
    let before: Bool
    let after: Bool

    /// What the change does to the list as it is seen.
    func delta(_ change: ViewChange) -> JSONPatch {
        let path = JSONPointer(tokens: ["items", change.item])
        switch (before ? change.before : nil, after ? change.after : nil) {
        case (nil, nil): return JSONPatch()
        case (nil, let after?): return JSONPatch(operations: [.add(path, after)])
        case (.some, nil): return JSONPatch(operations: [.remove(path)])
        case (let before?, let after?): return JSONPatch.diff(from: before, to: after).prefixed(by: path)
        }
    }

    /// The same as an entry of the list.
    func entry(_ change: ViewChange, stream: StreamName, epoch: String) -> StreamEntry {
        StreamEntry(
            stream: stream,
            position: Position(epoch: epoch, seq: change.seq),
            event: ["type": "STATE_DELTA", "delta": delta(change).json],
            patch: nil,
            digest: nil
        )
    }
}

/// The entries of one change, made and written once for all who see the same of it. An inbox has a log for each person.
struct SharedViewEntries {
    private struct Variant: Hashable {
        let visibility: ViewVisibility
        let epoch: String
    }

    private let change: ViewChange
    private let stream: StreamName
    private var made: [Variant: StreamEntry] = [:]

    init(_ change: ViewChange, stream: StreamName) {
        self.change = change
        self.stream = stream
    }

    mutating func entry(for filter: ViewFilter, epoch: String) -> StreamEntry {
        let variant = Variant(visibility: filter.visibility(of: change), epoch: epoch)
        if let entry = made[variant] { return entry }
        let entry = variant.visibility.entry(change, stream: stream, epoch: epoch)
        made[variant] = entry
        return entry
    }
}
