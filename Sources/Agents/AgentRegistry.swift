public import JSON
import Plugins

/// What is wrong with the agents of a process.
public enum AgentRegistryError: Error, Equatable, CustomStringConvertible {
    /// Two agents have the same name.
    case duplicateAgent(String)
    /// An agent declares two tools of the same name.
    case duplicateTool(String, agent: String)
    /// The name of an agent is not what it may be.
    case invalidName(String)
    /// A tool is not declared as it must be.
    case invalidTool(ToolError, agent: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .duplicateAgent(let name): "there are two agents of the name \(name)"
        case .duplicateTool(let name, let agent): "agent \(agent) declares two tools of the name \(name)"
        case .invalidName(let name): "the name of agent \(name) must have \(String.pluginNameRule)"
        case .invalidTool(let error, let agent): "agent \(agent): \(error)"
        }
    }
}

/// The agents of a process: checked when it starts, for those who want to know what there is.
public struct AgentRegistry: Sendable {
    /// The agents, by name.
    public let agents: [any Agent.Type]

    /// Checks the agents and their tools.
    /// - Throws: ``AgentRegistryError``.
    public init(_ agents: [any Agent.Type] = []) throws(AgentRegistryError) {
        var names: Set<String> = []
        for agent in agents {
            guard agent.name.isPluginName else { throw .invalidName(agent.name) }
            guard names.insert(agent.name).inserted else { throw .duplicateAgent(agent.name) }
            var tools: Set<String> = []
            for tool in agent.tools {
                guard tools.insert(tool.name).inserted else { throw .duplicateTool(tool.name, agent: agent.name) }
                do { _ = try ToolContract.of(tool) } catch { throw .invalidTool(error, agent: agent.name) }
            }
        }
        self.agents = agents.sorted { $0.name < $1.name }
    }

    /// The agents that the program is linked with and that declare themselves, by `@Agent`.
    /// - Throws: ``AgentRegistryError``.
    public static func linked() throws(AgentRegistryError) -> AgentRegistry {
        try AgentRegistry(Plugins.linked().compactMap { $0 as? any Agent.Type })
    }

    /// What is told of the agents, by name: their policies, and their tools with what holds when they call them.
    public var listing: [JSON] { agents.map { $0.listing } }
}

extension Agent {
    fileprivate static var listing: JSON {
        [
            "name": JSON(name),
            "summary": JSON(summary),
            "calls_per_step": JSON(policy.calls),
            "timeout_ms": policy.timeout.map { JSON(Int($0 / .milliseconds(1))) } ?? .null,
            "tools": .array(tools.map { $0.listing(under: policy) }),
        ]
    }
}

extension Tool {
    fileprivate static func listing(under policy: AgentPolicy) -> JSON {
        [
            "name": JSON(name),
            "summary": JSON(summary),
            "risk": JSON(risk.rawValue),
            "approval": max(approval, policy.approval).json,
            "arguments_schema": schema,
            "output_schema": outputSchema ?? .null,
        ]
    }
}

extension ApprovalPolicy {
    /// The policy on the wire.
    var json: JSON {
        switch self {
        case .never: ["mode": "never", "risk": .null]
        case .from(let risk): ["mode": "from", "risk": JSON(risk.rawValue)]
        case .always: ["mode": "always", "risk": .null]
        }
    }
}
