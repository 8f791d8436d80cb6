public import Domain
import JSON

/// What kind of thing happened: `step.started`, `prompt.decided` …, or `custom.` and the name that a flow or its agent gave it.
public struct EventKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kind on the wire.
    public let rawValue: String

    /// Creates a kind from its text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The kind on the wire.
    public var description: String { rawValue }

    /// What the names of a flow's own events stand behind, so that none of them is taken for one of ours.
    public static let customPrefix = "custom."
    /// The longest name of a flow's own event that is heard of, in bytes.
    public static let maximumNameBytes = 200

    /// The kind of a `CUSTOM` event; nil for a name that is empty, too long or has control characters.
    public static func custom(_ name: String) -> EventKind? {
        guard (1...maximumNameBytes).contains(name.utf8.count), name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            return nil
        }
        return EventKind(rawValue: customPrefix + name)
    }

    /// Whether a flow or its agent named it.
    public var isCustom: Bool { rawValue.hasPrefix(Self.customPrefix) }

    /// The kind of an entry; nil for what only those who watch the flow hear of: changes of its state, messages, tool calls.
    public static func of(_ entry: FlowEvent) -> EventKind? {
        switch entry.event["type"]?.string {
        case "STATE_SNAPSHOT": entry.seq == 1 ? FlowInitialized.kind : nil
        case "RUN_STARTED": RunStarted.kind
        case "RUN_FINISHED": ofEnd(entry.event["outcome"]?["type"]?.string)
        case "RUN_ERROR": FlowFailed.kind
        case "STEP_STARTED": StepStarted.kind
        case "STEP_FINISHED": entry.endsAnAttemptOnly ? nil : StepFinished.kind
        case "CUSTOM": ofCustom(entry.event["name"]?.string)
        default: nil
        }
    }

    private static func ofEnd(_ outcome: String?) -> EventKind {
        switch outcome {
        case "interrupt": FlowWaiting.kind
        case "cancelled": FlowCancelled.kind
        default: FlowSucceeded.kind
        }
    }

    private static func ofCustom(_ name: String?) -> EventKind? {
        guard let name else { return nil }
        guard name.hasPrefix(FlowEvent.reservedPrefix) else { return custom(name) }
        return ours[name]
    }

    /// Our own names in the log.
    private static let ours: [String: EventKind] = [
        "signalbox.step.failed": StepFailed.kind,
        "signalbox.prompt.opened": PromptOpened.kind,
        "signalbox.prompt.claimed": PromptClaimed.kind,
        "signalbox.prompt.released": PromptReleased.kind,
        "signalbox.prompt.decided": PromptDecided.kind,
        "signalbox.flow.retried": FlowRetried.kind,
    ]
}

extension FlowEvent {
    /// Whether the step it is about is not done: it waits, failed or was cut off. AG-UI has one event for all of these; which
    /// it is stands in the change of the journal that comes with it.
    fileprivate var endsAnAttemptOnly: Bool {
        guard let step = event["stepName"]?.string else { return false }
        let all = "/flow/steps"
        let row = JSONPointer(tokens: ["flow", "steps", step]).text
        for operation in patch?.array ?? [] {
            let status =
                switch operation["path"]?.string {
                case all: operation["value"]?[step]?["status"]?.string
                case row: operation["value"]?["status"]?.string
                case row + "/status": operation["value"]?.string
                default: String?.none
                }
            if let status { return status != StepStatus.done.rawValue }
        }
        return false
    }
}
