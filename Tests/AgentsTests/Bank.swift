import Agents
import Domain
import FlowSupport
import Flows
import JSON
import TestSupport
import Testing

/// Moves money; the test is the bank.
struct Transfer: Tool {
    struct Arguments: Codable, Sendable, Equatable {
        var to: String
        var amount: Int
    }

    static let name = "transfer"
    static let summary = "Moves money to somebody."
    static let risk = Risk.high
    static let outputSchema: JSON? = ["type": "string", "minLength": 1]
    static let schema: JSON = [
        "type": "object",
        "required": ["to", "amount"],
        "additionalProperties": false,
        "properties": ["to": ["type": "string", "minLength": 1], "amount": ["type": "integer", "minimum": 1]],
    ]

    let bank: @Sendable (Arguments, ToolCall) async throws -> String

    init(_ bank: @escaping @Sendable (Arguments, ToolCall) async throws -> String) { self.bank = bank }

    /// A bank that takes everything.
    init(_ witness: Witness) {
        self.init { arguments, call in
            witness.saw("\(arguments.amount) to \(arguments.to)")
            return "paid \(arguments.to)"
        }
    }

    func risk(of arguments: Arguments) -> Risk {
        switch arguments.amount {
        case ..<10: .low
        case ..<100: .medium
        case ..<1000: .high
        default: .critical
        }
    }

    func call(_ arguments: Arguments, _ call: ToolCall) async throws -> String { try await bank(arguments, call) }
}

/// Pays without many questions.
enum Bookkeeper: Agent {
    static let name = "bookkeeper"
    static let summary = "Pays bills."
    static let tools: [any Tool.Type] = [Transfer.self]
}

/// May call once or twice, not for long.
enum Intern: Agent {
    static let name = "intern"
    static let summary = "Learns to pay bills."
    static let tools: [any Tool.Type] = [Transfer.self]
    static let policy = AgentPolicy(calls: 2, timeout: .milliseconds(50))
}

/// May not call anything.
enum Visitor: Agent {
    static let name = "visitor"
    static let summary = "Looks around."
    static let tools: [any Tool.Type] = []
}

/// The state of flows of the tests.
struct Tally: Codable, Sendable {
    var log: [String] = []
}

/// Something that fails, and may not fail again.
struct Hiccup: Error, CustomStringConvertible {
    let description = "the line is busy"
}

/// Something that fails, and always will.
struct NoSuchAccount: LastingError, CustomStringConvertible {
    let description = "there is no such account"
}

/// Three attempts in quick succession.
let soon = StepPolicy(retry: RetryPolicy(attempts: 3, first: .milliseconds(1), longest: .milliseconds(5)))

extension FlowBench {
    typealias Body = @Sendable (StepContext<Tally>) async throws -> String

    /// A registry with one type, `test`, of one step, `pay`.
    static func registry(policy: StepPolicy = .standard, _ body: @escaping Body) throws -> FlowRegistry {
        var registry = FlowRegistry()
        try registry.register(
            FlowDefinition<Tally>("test", initial: { _ in Tally() }) { flow in
                flow.start("pay", policy: policy) { context in
                    let said = try await body(context)
                    context.stage { $0.log.append(said) }
                    return said
                }
            }
        )
        return registry
    }

    /// A bench on a database of its own.
    static func of(policy: StepPolicy = .standard, _ body: @escaping Body) async throws -> FlowBench {
        let database = try await TestDatabase.make()
        let tenant = try await database.makeTenant()
        return try await FlowBench(database, tenant: tenant, registry: registry(policy: policy, body))
    }

    /// Runs a flow of type `test` to its end.
    func run() async throws -> Flow {
        let flow = try await start("test")
        return try await wait(for: .succeeded, .failed, of: flow.id)
    }

    /// What watchers got of the calls of tools, in order. Each call begins once and has exactly one result after it.
    func calls(_ id: FlowID, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [Told] {
        var calls: [Told] = []
        for event in try await events(id).map(\.event) {
            guard let type = event["type"]?.string, type.hasPrefix("TOOL_CALL_") else { continue }
            let id = event["toolCallId"]?.string ?? ""
            if type == "TOOL_CALL_START" {
                #expect(!calls.contains { $0.id == id }, sourceLocation: sourceLocation)
                calls.append(Told(id: id, name: event["toolCallName"]?.string ?? ""))
            }
            guard let index = calls.firstIndex(where: { $0.id == id }) else {
                Issue.record("\(type) of a call that was not begun", sourceLocation: sourceLocation)
                continue
            }
            calls[index].types.append(String(type.dropFirst(10)))
            if type == "TOOL_CALL_ARGS" { calls[index].arguments += event["delta"]?.string ?? "" }
            if type == "TOOL_CALL_RESULT" { calls[index].result = event["content"]?.string }
        }
        for call in calls {
            #expect(call.types == ["START", "ARGS", "END", "RESULT"], sourceLocation: sourceLocation)
        }
        return calls
    }
}

/// A call as watchers see it.
struct Told {
    let id: String
    let name: String
    var types: [String] = []
    var arguments = ""
    var result: String?

    /// The code of the error in the result.
    var code: String? { result.flatMap { try? JSON.parse($0) }?["error"]?["code"]?.string }
}
