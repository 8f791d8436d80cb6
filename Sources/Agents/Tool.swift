// Agents: who calls which tools in the steps of a flow, and who is asked before.
//
// What it is for: tools with a schema, a risk and an approval policy, the agents that may call them, and the one way in which
// they are called. It must never know a model, a wire format or SQL.

public import Flows
public import JSON

/// Something an agent can do, in or outside the flow.
///
/// A tool is a value: what it needs for its work are its stored properties. It is called by
/// ``Flows/StepContext/call(_:_:as:)`` only, which checks the arguments, asks people where the policy says so, and keeps the
/// output in the journal.
public protocol Tool: Sendable {
    /// What it is called with. What people see and decide on is its JSON.
    associatedtype Arguments: Codable & Sendable
    /// What a call comes to.
    associatedtype Output: Codable & Sendable

    /// What agents and models call it: 1 to 64 of `a-z`, `A-Z`, `0-9`, `_` and `-`.
    static var name: String { get }
    /// What it does, in a sentence for people and models.
    static var summary: String { get }
    /// The JSON Schema of ``Arguments``, in the subset of `JSONSchema`.
    static var schema: JSON { get }
    /// The JSON Schema of ``Output``, if people may give it themselves in place of a call (`respond`). Nil unless it is declared.
    static var outputSchema: JSON? { get }
    /// How much harm a call can do.
    static var risk: Risk { get }
    /// Which calls people decide on. From ``Risk/high`` on unless it is declared.
    static var approval: ApprovalPolicy { get }

    /// How much harm a call with these arguments can do. The static ``risk`` unless it is declared. Must depend on nothing else:
    /// it is computed again when the step is run again.
    func risk(of arguments: Arguments) -> Risk

    /// What watchers see of an output. All of it unless it is declared; a text of more than 16 KiB is cut.
    static func shown(_ output: Output) throws -> JSON

    /// Does it. A step that asks, sleeps or keeps effects does so around its calls, not in here: what has happened in a call is
    /// kept as a whole.
    /// - Throws: errors that pass make the step be tried again by its policy, under the same approval and with the same key; a
    ///   `LastingError` does not.
    func call(_ arguments: Arguments, _ call: ToolCall) async throws -> Output
}

extension Tool {
    /// People cannot answer in place of the tool.
    public static var outputSchema: JSON? { nil }
    /// People decide on calls of high risk.
    public static var approval: ApprovalPolicy { .from(.high) }
    /// The static risk.
    public func risk(of arguments: Arguments) -> Risk { Self.risk }
    /// All of it.
    public static func shown(_ output: Output) throws -> JSON { try JSON(encoding: output) }
}

/// One call of a tool, as the tool sees it.
public struct ToolCall: Sendable {
    /// AG-UI's `toolCallId`; another one each time it is tried.
    public let id: String
    /// The same each time it is tried, so that the other side can tell a repetition. Of a call that people approved it is the
    /// id of their prompt.
    public let key: EffectKey
    /// The name of the agent that calls.
    public let agent: String
}
