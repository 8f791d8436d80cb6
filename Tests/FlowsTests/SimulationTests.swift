import FlowsModel
import Testing

/// Random flows, run by processes that die and stall, come to what they come to without. `make soak` runs 10,000.
@Suite struct SimulationTests {
    @Test(arguments: 0..<20) func aFlowComesToTheSameHoweverItIsInterrupted(block: UInt64) throws {
        for seed in block * 10..<block * 10 + 10 {
            do { _ = try Simulation.check(seed: seed) } catch { Issue.record("seed \(seed): \(error)") }
        }
    }
}
