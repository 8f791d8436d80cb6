import ArgumentParser

/// The flags of ``Setting/engine``.
struct EngineOptions: ParsableArguments {
    @Option(name: Setting.runningFlows.option, help: Setting.runningFlows.help) var flows: String?
    @Option(name: Setting.flowPatience.option, help: Setting.flowPatience.help) var patience: String?
    @Option(name: Setting.stepThreads.option, help: Setting.stepThreads.help) var threads: String?

    /// The flags that were given.
    var given: [(setting: Setting, value: String)] {
        let flags: [(Setting, String?)] = [(.runningFlows, flows), (.flowPatience, patience), (.stepThreads, threads)]
        return flags.compactMap { setting, value in value.map { (setting, $0) } }
    }
}
