import Domain
public import JSON

/// A step has begun.
public struct StepStarted: DomainEvent, Equatable {
    /// `step.started`.
    public static let kind = EventKind(rawValue: "step.started")
    /// The step's name.
    public let step: String

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let step = record["stepName"]?.string else { return nil }
        self.step = step
    }

    /// The step.
    public var data: JSONObject { ["step": JSON(step)] }
}

/// A step's result is committed.
public struct StepFinished: DomainEvent, Equatable {
    /// `step.finished`.
    public static let kind = EventKind(rawValue: "step.finished")
    /// The step's name.
    public let step: String

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let step = record["stepName"]?.string else { return nil }
        self.step = step
    }

    /// The step.
    public var data: JSONObject { ["step": JSON(step)] }
}

/// A step's body threw.
public struct StepFailed: DomainEvent, Equatable {
    /// `step.failed`.
    public static let kind = EventKind(rawValue: "step.failed")
    /// The step's name.
    public let step: String
    /// Why, in words for people; nil where the record does not say.
    public let reason: String?

    /// Reads the event. The reason is in the flow's journal, a change of which is beside the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let step = record.value?["step"]?.string else { return nil }
        self.step = step
        let path = JSONPointer(tokens: ["flow", "steps", step, "error"]).text
        reason =
            record.value?["error"]?.string
            ?? record.entry.patch?.array?.last { $0["path"]?.string == path }?["value"]?.string
    }

    /// The step and the reason.
    public var data: JSONObject { ["step": JSON(step), "reason": JSON(reason)] }
}
