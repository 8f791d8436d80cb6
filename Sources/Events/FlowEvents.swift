import Domain
public import JSON

/// A flow was created.
public struct FlowInitialized: DomainEvent, Equatable {
    /// `flow.initialized`.
    public static let kind = EventKind(rawValue: "flow.initialized")
    /// The flow's type.
    public let type: String
    /// What people call it.
    public let title: String

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let type = record.flowType else { return nil }
        self.type = type
        title = record.flowTitle ?? type
    }

    /// Nothing more: type and title are said of every flow.
    public var data: JSONObject { [:] }
}

/// A flow that had failed goes on.
public struct FlowRetried: DomainEvent, Equatable {
    /// `flow.retried`.
    public static let kind = EventKind(rawValue: "flow.retried")

    /// Reads the event.
    public init?(_ record: EventRecord) { guard EventKind.of(record.entry) == Self.kind else { return nil } }

    /// Nothing more.
    public var data: JSONObject { [:] }
}

/// A flow cannot go on before people decide.
public struct FlowWaiting: DomainEvent, Equatable {
    /// `flow.waiting`.
    public static let kind = EventKind(rawValue: "flow.waiting")
    /// The run that ended, as its agent named it.
    public let run: String?
    /// The prompts it waits for; empty when its agent did not say.
    public let prompts: [String]

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind else { return nil }
        run = record["runId"]?.string
        prompts = record["outcome"]?["interrupts"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    /// The run and the prompts.
    public var data: JSONObject { ["run_id": JSON(run), "prompt_ids": .array(prompts.map { JSON($0) })] }
}

/// A flow has ended as intended.
public struct FlowSucceeded: DomainEvent, Equatable {
    /// `flow.succeeded`.
    public static let kind = EventKind(rawValue: "flow.succeeded")
    /// The run that ended, as its agent named it.
    public let run: String?

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind else { return nil }
        run = record["runId"]?.string
    }

    /// The run.
    public var data: JSONObject { ["run_id": JSON(run)] }
}

/// A flow has ended by an error.
public struct FlowFailed: DomainEvent, Equatable {
    /// `flow.failed`.
    public static let kind = EventKind(rawValue: "flow.failed")
    /// Why, in words for people.
    public let message: String

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind else { return nil }
        message = record["message"]?.string ?? ""
    }

    /// The reason.
    public var data: JSONObject { ["message": JSON(message)] }
}

/// A flow was ended by a person or its agent.
public struct FlowCancelled: DomainEvent, Equatable {
    /// `flow.cancelled`.
    public static let kind = EventKind(rawValue: "flow.cancelled")

    /// Reads the event.
    public init?(_ record: EventRecord) { guard EventKind.of(record.entry) == Self.kind else { return nil } }

    /// Nothing more.
    public var data: JSONObject { [:] }
}

/// A stretch of execution has begun.
public struct RunStarted: DomainEvent, Equatable {
    /// `run.started`.
    public static let kind = EventKind(rawValue: "run.started")
    /// The run, as its agent named it.
    public let run: String
    /// The run before it that it goes on from.
    public let parent: String?

    /// Reads the event.
    public init?(_ record: EventRecord) {
        guard EventKind.of(record.entry) == Self.kind, let run = record["runId"]?.string else { return nil }
        self.run = run
        parent = record["parentRunId"]?.string
    }

    /// The runs.
    public var data: JSONObject { ["run_id": JSON(run), "parent_run_id": JSON(parent)] }
}

extension JSON {
    /// The text, or `null`.
    init(_ text: String?) { self = text.map { JSON($0) } ?? .null }
}
