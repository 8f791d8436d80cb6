import Flows
import Reactor

/// What the flow engine does at once, as an operator sets it.
struct EngineSettings: Sendable {
    var flows = FlowEngine.Limits().flows
    /// Seconds.
    var patience = FlowEngine.Limits().patience
    var threads = 256

    /// What is done at once, and how long is waited.
    var limits: FlowEngine.Limits {
        var limits = FlowEngine.Limits()
        limits.flows = flows
        limits.patience = patience
        // Several signs of life within the time, for one may come late.
        limits.interval = max(1, patience / 5)
        return limits
    }

    /// Where the bodies of steps run.
    var bodies: ElasticExecutor { ElasticExecutor(limit: threads) }
}
