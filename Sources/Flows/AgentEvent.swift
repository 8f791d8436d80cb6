import Approvals
import Domain
import JSON
import Ledger

/// Why an agent's event was refused.
struct AgentEventError: Error {
    let pointer: String
    let message: String

    /// The same, about an event of a batch.
    func at(_ index: Int) -> FlowError { .invalidInput(pointer: "/\(index)\(pointer)", message: message) }
}

/// An AG-UI 1.0 event sent by an agent: checked for its type and required members, then applied.
///
/// The whole schema of AG-UI 1.0 is larger than this; what is checked here is what Signalbox itself relies on.
struct AgentEvent {
    private let event: JSON
    private let type: String

    /// Members that each type must have, with the type of JSON value they must be.
    private static let required: [String: [String: Kind]] = [
        "RUN_STARTED": ["threadId": .string, "runId": .string],
        "RUN_FINISHED": ["threadId": .string, "runId": .string],
        "RUN_ERROR": ["message": .string],
        "STEP_STARTED": ["stepName": .string],
        "STEP_FINISHED": ["stepName": .string],
        "TEXT_MESSAGE_START": ["messageId": .string],
        "TEXT_MESSAGE_CONTENT": ["messageId": .string, "delta": .string],
        "TEXT_MESSAGE_END": ["messageId": .string],
        "TEXT_MESSAGE_CHUNK": [:],
        "TOOL_CALL_START": ["toolCallId": .string, "toolCallName": .string],
        "TOOL_CALL_ARGS": ["toolCallId": .string, "delta": .string],
        "TOOL_CALL_END": ["toolCallId": .string],
        "TOOL_CALL_CHUNK": [:],
        "TOOL_CALL_RESULT": ["messageId": .string, "toolCallId": .string, "content": .any],
        "STATE_SNAPSHOT": ["snapshot": .object],
        "STATE_DELTA": ["delta": .array],
        "MESSAGES_SNAPSHOT": ["messages": .array],
        "ACTIVITY_SNAPSHOT": ["messageId": .string, "activityType": .string, "content": .object],
        "ACTIVITY_DELTA": ["messageId": .string, "activityType": .string, "patch": .array],
        "RAW": ["event": .any],
        "CUSTOM": ["name": .string, "value": .any],
        "REASONING_START": ["messageId": .string],
        "REASONING_MESSAGE_START": ["messageId": .string, "role": .string],
        "REASONING_MESSAGE_CONTENT": ["messageId": .string, "delta": .string],
        "REASONING_MESSAGE_END": ["messageId": .string],
        "REASONING_MESSAGE_CHUNK": ["messageId": .string, "delta": .string],
        "REASONING_END": ["messageId": .string],
        "REASONING_ENCRYPTED_VALUE": ["subtype": .string, "entityId": .string, "encryptedValue": .string],
        "SUBAGENT_STARTED": ["subagentRunId": .string, "name": .string],
        "SUBAGENT_FINISHED": ["subagentRunId": .string],
        "SUBAGENT_ERROR": ["subagentRunId": .string, "message": .string],
    ]

    private enum Kind {
        case string
        case object
        case array
        case any

        func admits(_ value: JSON) -> Bool {
            switch self {
            case .string: value.string != nil
            case .object: value.object != nil
            case .array: value.array != nil
            case .any: true
            }
        }
    }

    init(_ event: JSON) throws {
        guard event.object != nil else { throw AgentEventError(pointer: "", message: "must be an object") }
        guard let type = event["type"]?.string, let members = Self.required[type] else {
            throw AgentEventError(pointer: "/type", message: "must be an event type of AG-UI 1.0")
        }
        for (name, kind) in members {
            guard let value = event[name], kind.admits(value) else {
                throw AgentEventError(
                    pointer: "/\(name)",
                    message: "is required with \(type) and must be of type \(kind)"
                )
            }
        }
        // It becomes the flow's phase, and a database's text cannot hold U+0000.
        if type == "STEP_STARTED", let name = event["stepName"]?.string, name.utf8.contains(0) {
            throw AgentEventError(pointer: "/stepName", message: "must not contain U+0000")
        }
        if type == "CUSTOM", event["name"]?.string?.hasPrefix(FlowEvent.reservedPrefix) == true {
            throw AgentEventError(pointer: "/name", message: "must not begin with \(FlowEvent.reservedPrefix)")
        }
        self.event = event
        self.type = type
    }

    /// The status that the event ends the flow with; nil when the flow goes on.
    ///
    /// A flow that ends takes its open prompts back, before the event is applied: nobody would act on an answer.
    var end: FlowStatus? {
        switch type {
        case "RUN_ERROR": .failed
        case "RUN_FINISHED":
            switch event["outcome"]?["type"]?.string {
            case "interrupt": nil
            case "cancelled": .cancelled
            default: .succeeded
            }
        default: nil
        }
    }

    /// Applies the event: state events change the state, run events the flow's status.
    func apply(to draft: inout FlowDraft) throws {
        switch type {
        case "RUN_STARTED":
            draft.set(status: .running, phase: draft.flow.phase)
        case "RUN_FINISHED", "RUN_ERROR":
            draft.set(status: end ?? .waiting, phase: draft.flow.phase)
        case "STEP_STARTED":
            draft.set(status: draft.flow.status, phase: event["stepName"]?.string)
        default:
            break
        }
        do { try draft.apply(agentEvent: event) } catch let error as JSONPatchError {
            throw AgentEventError(pointer: "/delta", message: String(describing: error))
        }
    }
}
