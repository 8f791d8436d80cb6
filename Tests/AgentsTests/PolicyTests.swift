import Agents
import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// Each policy of a tool and an agent with each risk, on the engine.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(2))) struct PolicyTests {
    private static let agents: [any Agent.Type] = [Free.self, Watched.self, Bound.self]

    @Test func theStricterOfToolAndAgentCounts() async throws {
        let bench = try await FlowBench.of { context in
            for agent in Self.agents {
                for risk in Risk.allCases {
                    try await context.call(Open(), risk, as: agent)
                    try await context.call(Guarded(), risk, as: agent)
                    try await context.call(Closed(), risk, as: agent)
                }
            }
            return "done"
        }
        let flow = try await bench.start("test")
        var asked: [String] = []
        while let prompt: String = try await bench.eventually(
            in: flow.id,
            {
                if let open = try await bench.openPrompts(flow.id).first {
                    try await bench.decide(open, .approve)
                    let action = open.draft.action
                    return [action?["agent"], action?["tool"], action?["arguments"]].compactMap { $0?.string }
                        .joined(separator: " ")
                }
                return try await bench.flow(flow.id).status.isFinal ? "" : nil
            }
        ), !prompt.isEmpty {
            asked.append(prompt)
        }
        var expected: [String] = []
        for agent in ["free", "watched", "bound"] {
            for risk in Risk.allCases {
                let isAsked = [
                    "open": agent == "bound" || agent == "watched" && risk == .critical,
                    "guarded": agent == "bound" || risk >= .high,
                    "closed": true,
                ]
                for tool in ["open", "guarded", "closed"] where isAsked[tool] == true {
                    expected.append("\(agent) \(tool) \(risk.rawValue)")
                }
            }
        }
        #expect(asked == expected)
        #expect(try await bench.flow(flow.id).status == .succeeded)
        #expect(try await bench.calls(flow.id).count == 36)
        await bench.stop()
    }
}

/// A tool whose argument is its risk.
private protocol Risky: Tool where Arguments == Risk, Output == Bool {}

extension Risky {
    static var summary: String { "Does something of the risk it is given." }
    static var schema: JSON { ["enum": .array(Risk.allCases.map { JSON($0.rawValue) })] }
    static var risk: Risk { .low }
    func risk(of arguments: Risk) -> Risk { arguments }
    func call(_ arguments: Risk, _ call: ToolCall) async throws -> Bool { true }
}

private struct Open: Risky {
    static let name = "open"
    static let approval = ApprovalPolicy.never
}

/// Asks from high risk on, as is the default.
private struct Guarded: Risky {
    static let name = "guarded"
}

private struct Closed: Risky {
    static let name = "closed"
    static let approval = ApprovalPolicy.always
}

private protocol Caller: Agent {}

extension Caller {
    static var summary: String { "Calls everything." }
    static var tools: [any Tool.Type] { [Open.self, Guarded.self, Closed.self] }
}

private enum Free: Caller {
    static let name = "free"
}

private enum Watched: Caller {
    static let name = "watched"
    static let policy = AgentPolicy(approval: .from(.critical))
}

private enum Bound: Caller {
    static let name = "bound"
    static let policy = AgentPolicy(approval: .always)
}
