public import Domain

/// What a caller can want to do. Whether a particular prompt or flow allows it is decided where that thing is known.
public enum Action: String, Sendable, Hashable, CaseIterable {
    /// See flows, their state and their events.
    case readFlows
    /// Start a flow.
    case createFlow
    /// Change a flow's state document.
    case patchState
    /// Add AG-UI events to an external flow.
    case appendEvents
    /// Cancel a flow, or run a failed one again.
    case cancelFlow
    /// Ask people a question.
    case askPrompt
    /// See prompts.
    case readPrompts
    /// Answer prompts that are assigned to one of the caller's roles, or to the caller.
    case decidePrompts
    /// Take a prompt in hand, and give it back.
    case claimPrompts
    /// Send a file.
    case upload
    /// See the inventory.
    case readAssets
    /// See the audit log.
    case readAudit
    /// Say where what happens is told, and see how that goes.
    case manageWebhooks

    /// The table of permissions: who may do it. An admin may do everything and is not listed.
    public var roles: Set<Role> {
        switch self {
        case .readFlows: [.viewer, .reviewer, .operator, .agent]
        case .readPrompts: [.viewer, .reviewer, .operator, .agent]
        case .readAssets: [.viewer, .reviewer, .operator, .agent]
        case .decidePrompts: [.reviewer, .operator]
        case .claimPrompts: [.reviewer, .operator]
        case .createFlow: [.operator, .agent]
        case .patchState: [.operator, .agent]
        case .cancelFlow: [.operator]
        case .upload: [.operator]
        case .appendEvents: [.agent]
        case .askPrompt: [.agent]
        case .readAudit, .manageWebhooks: []
        }
    }
}

extension Principal {
    /// Whether one of the caller's roles permits the action.
    public func may(_ action: Action) -> Bool { hasRole(in: action.roles) }
}
