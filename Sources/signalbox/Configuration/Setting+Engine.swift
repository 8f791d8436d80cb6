/// What the flow engine does at once.
extension Setting {
    static let runningFlows = Setting(
        "max_running_flows",
        .integer(\.engine.flows, 1...100_000),
        "Native flows that this process runs at once; those that wait for people, for a time or for other flows do not count."
    )
    static let flowPatience = Setting(
        "flow_patience",
        .duration(\.engine.patience, 5...3600),
        "How long a process may give no sign of life before another one takes its flows."
    )
    static let stepThreads = Setting(
        "max_step_threads",
        .integer(\.engine.threads, 2...10_000),
        "Threads for the bodies of steps: one for each processor, and more while bodies block theirs."
    )

    /// In the order in which they are shown.
    static let engine: [Setting] = [runningFlows, flowPatience, stepThreads]
}
