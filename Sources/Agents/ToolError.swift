public import Flows

/// A fault in the arguments of a call.
public struct ArgumentFault: Sendable, Codable, Equatable, CustomStringConvertible {
    /// The JSON pointer into the arguments.
    public let pointer: String
    /// What is wrong there; it never repeats the value.
    public let message: String
    /// The pointer and the message.
    public var description: String { "\"\(pointer)\" \(message)" }
}

/// Why a call did not happen or came to nothing, and would again.
public enum ToolError: LastingError, Codable, Equatable, CustomStringConvertible {
    /// The agent does not declare the tool.
    case undeclared(tool: String, agent: String, declared: [String])
    /// There is no tool of the name among those the agent declares and the step has at hand.
    case unknown(tool: String, agent: String, known: [String])
    /// The tool's own declaration is at fault.
    case invalidTool(tool: String, reason: String)
    /// The arguments break the tool's schema.
    case invalidArguments(tool: String, faults: [ArgumentFault])
    /// The arguments are larger than people can look at.
    case argumentsTooLarge(tool: String, bytes: Int, limit: Int)
    /// The agent has made all the calls it may make in a step.
    case tooManyCalls(agent: String, limit: Int)
    /// What would be executed is not what was decided.
    case argumentsMismatch(tool: String, reason: String)
    /// The tool threw an error that another call would meet again.
    case failed(tool: String, message: String)

    /// The code in the result that watchers see.
    public var code: String {
        switch self {
        case .undeclared: "undeclared_tool"
        case .unknown: "unknown_tool"
        case .invalidTool: "invalid_tool"
        case .invalidArguments: "invalid_arguments"
        case .argumentsTooLarge: "arguments_too_large"
        case .tooManyCalls: "too_many_calls"
        case .argumentsMismatch: "args_mismatch"
        case .failed: "failed"
        }
    }

    /// One sentence for people and models.
    public var description: String {
        switch self {
        case .undeclared(let tool, let agent, let declared):
            "agent \(agent) does not declare the tool \(tool), only \(Self.list(declared))"
        case .unknown(let tool, let agent, let known):
            "agent \(agent) has no tool \(tool) here, only \(Self.list(known))"
        case .invalidTool(let tool, let reason): "tool \(tool) is not declared as it must be: \(reason)"
        case .invalidArguments(let tool, let faults):
            "the arguments of \(tool) break its schema: \(faults.map(\.description).joined(separator: "; "))"
        case .argumentsTooLarge(let tool, let bytes, let limit):
            "the arguments of \(tool) have \(bytes) bytes or more, and may have \(limit)"
        case .tooManyCalls(let agent, let limit): "agent \(agent) may make \(limit) calls in a step"
        case .argumentsMismatch(let tool, let reason):
            "\(tool) was not called (args_mismatch): \(reason)"
        case .failed(let tool, let message): "\(tool) failed: \(message)"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none at all" : names.sorted().joined(separator: ", ")
    }
}

/// People said no to a call. The step may catch it and go on another way.
public struct ToolRefused: LastingError, Codable, Equatable, CustomStringConvertible {
    /// The tool.
    public let tool: String
    /// Who refused.
    public let by: [String]
    /// Why, in their words.
    public let reason: String?
    /// The prompt they answered.
    public let prompt: String

    /// One sentence.
    public var description: String {
        "\(by.joined(separator: ", ")) refused the call of \(tool)" + (reason.map { ": \($0)" } ?? "")
    }
}

/// A call failed by an error that may pass: another attempt of the step calls again, under the same approval.
public struct ToolFailed: Error, Codable, Equatable, CustomStringConvertible {
    /// The tool.
    public let tool: String
    /// What it threw, in words.
    public let message: String
    /// The attempt of the step in which it failed.
    let attempt: Int

    /// One sentence.
    public var description: String { "\(tool) failed: \(message)" }
}
