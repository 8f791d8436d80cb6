public import Plugins

/// Somebody who works in the steps of flows, and may call some tools. A type with `@Agent` is one, and the program finds it.
public protocol Agent: Plugin {
    /// Unique among the agents of a process: 1 to 64 of `a-z`, `A-Z`, `0-9`, `_` and `-`.
    static var name: String { get }
    /// What it does, in a sentence for people.
    static var summary: String { get }
    /// The tools it may call.
    static var tools: [any Tool.Type] { get }
    /// What holds for all its calls. ``AgentPolicy/standard`` unless it is declared.
    static var policy: AgentPolicy { get }
}

extension Agent {
    /// The standard policy.
    public static var policy: AgentPolicy { .standard }

    /// Writes the type where the program looks for its plugins.
    /// - Parameter place: as a `Plugins.Record` gets it.
    public static func declare(at place: UnsafeMutableRawPointer) { Plugins.declare(Self.self, at: place) }
}

/// Makes a type an ``Agent``, found by ``AgentRegistry/linked()``. It declares its summary and its tools, and its policy if it
/// has one of its own.
///
/// - Parameter name: the agent's name, a string literal.
@attached(extension, conformances: Agent, names: named(name), named(pluginRecord))
public macro Agent(_ name: String) = #externalMacro(module: "FlowMacros", type: "AgentMacro")

/// What holds for all calls of an agent.
public struct AgentPolicy: Sendable, Equatable {
    /// Which calls people decide on at least; the stricter of this and the tool's policy counts.
    public var approval: ApprovalPolicy
    /// How many calls it may make in one round of a step, at least 1.
    public var calls: Int
    /// How long a call may take, apart from people's time to decide on it; nil for any time.
    public var timeout: Duration?

    /// Creates a policy.
    public init(approval: ApprovalPolicy = .never, calls: Int = 100, timeout: Duration? = nil) {
        self.approval = approval
        self.calls = max(1, calls)
        self.timeout = timeout
    }

    /// What the tools want, a hundred calls in a step, as long as they take.
    public static let standard = AgentPolicy()
}
