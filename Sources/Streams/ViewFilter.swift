public import Domain
public import JSON

/// What a subscriber sees of a live list.
public enum ViewFilter: Hashable, Sendable {
    /// The list of flows, perhaps of one status or type only.
    case flows(status: FlowStatus?, type: String?)
    /// The inbox of one person: prompts they may decide.
    case prompts(subject: String, roles: Set<Role>)

    /// Whether the subscriber sees this item.
    public func admits(_ item: JSON) -> Bool {
        switch self {
        case .flows(let status, let type):
            return (status == nil || item["status"]?.string == status?.rawValue)
                && (type == nil || item["type"]?.string == type)
        case .prompts(let subject, let roles):
            if roles.contains(.admin) { return true }
            let users = item["assignees"]?["users"]?.array ?? []
            let assigned = item["assignees"]?["roles"]?.array ?? []
            if users.contains(where: { $0.string == subject }) { return true }
            if users.isEmpty, assigned.isEmpty { return roles.contains(.reviewer) }
            return assigned.contains { role in role.string.flatMap(Role.init).map(roles.contains) ?? false }
        }
    }

    /// The change as this subscriber sees it: a patch of `{"items": {…}}`, empty when it is not visible.
    func delta(_ change: ViewChange) -> JSONPatch {
        let before = change.before.flatMap { admits($0) ? $0 : nil }
        let after = change.after.flatMap { admits($0) ? $0 : nil }
        let path = JSONPointer(tokens: ["items", change.item])
        switch (before, after) {
        case (nil, nil): return JSONPatch()
        case (nil, let after?): return JSONPatch(operations: [.add(path, after)])
        case (.some, nil): return JSONPatch(operations: [.remove(path)])
        case (let before?, let after?): return JSONPatch.diff(from: before, to: after).prefixed(by: path)
        }
    }

    /// The same as an entry of the list.
    package func entry(_ change: ViewChange, stream: StreamName, epoch: String) -> StreamEntry {
        StreamEntry(
            stream: stream,
            position: Position(epoch: epoch, seq: change.seq),
            event: ["type": "STATE_DELTA", "delta": delta(change).json],
            patch: nil,
            digest: nil
        )
    }
}
