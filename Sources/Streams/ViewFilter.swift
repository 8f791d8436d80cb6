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
    func delta(_ change: ViewChange) -> JSONPatch { visibility(of: change).delta(change) }

    /// The same as an entry of the list.
    package func entry(_ change: ViewChange, stream: StreamName, epoch: String) -> StreamEntry {
        visibility(of: change).entry(change, stream: stream, epoch: epoch)
    }

    func visibility(of change: ViewChange) -> ViewVisibility {
        ViewVisibility(before: change.before.map(admits) ?? false, after: change.after.map(admits) ?? false)
    }
}
