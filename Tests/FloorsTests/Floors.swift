/// The floors of the house, from the ground up: the one place where they are written down for the machine.
///
/// A target imports only what is on floors below it, plus the neighbours named in ``neighbours``.
enum Floors {
    static let targets: [[String]] = [
        ["Locking", "CLinux", "COpenSSL", "CPlugins", "CURing", "CZlib", "CPQ", "CHiredis", "CArgon2", "CCurl"],
        ["JSON", "JSONSchema", "HTTP", "WebSocket", "Discovery", "FlowRules", "FlowExpansion", "FlowMacros"],
        ["Reactor", "Domain", "Events", "Plugins"],
        ["Server", "Postgres", "Redis", "Curl"],
        ["Persistence", "Identity"],
        ["Ledger", "Streams", "Relay", "Approvals", "Flows", "FlowTypes", "Agents", "DiscoveryFlow", "Webhooks"],
        ["Gateway"],
        ["signalbox", "wslab"],
    ]

    /// Who may look sideways, and at whom.
    static let neighbours: [String: Set<String>] = [
        "JSONSchema": ["JSON"],
        "Discovery": ["JSON"],
        "FlowExpansion": ["FlowRules"],
        "FlowMacros": ["FlowExpansion"],
        "WebSocket": ["HTTP"],
        "Events": ["Domain"],
        "Approvals": ["Ledger"],
        "Streams": ["Ledger"],
        "Relay": ["Ledger"],
        "Flows": ["Ledger", "Approvals"],
        "FlowTypes": ["Approvals", "Flows"],
        "Agents": ["Approvals", "Flows"],
        "DiscoveryFlow": ["Agents", "Approvals", "Flows", "FlowTypes"],
    ]

    /// What the manifest's `module` gives to every target.
    static let everywhere: Set = ["Locking"]

    /// Foundation stays out of these: it is large, and slow on the hot path.
    static let withoutFoundation = 1...4

    /// Where tasks may be started without a worker: a task without executor preference resumes through the global pool.
    static let mayStartTasks: Set<String> = ["Reactor", "Flows"]

    /// The floor of a target; nil when it is not in the table.
    static func floor(of target: String) -> Int? { targets.firstIndex { $0.contains(target) } }
}
