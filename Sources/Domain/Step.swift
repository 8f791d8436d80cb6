public import JSON

/// Where a step of a native flow stands.
public enum StepStatus: String, Sendable, Hashable, CaseIterable {
    /// Its body runs, or ran when its process died.
    case running
    /// It asked people and waits for their answer.
    case waiting
    /// Its result is committed.
    case done
    /// Its body threw.
    case failed
    /// It will not run in this flow.
    case skipped
}

/// A row of a flow's journal: one step and what became of it.
public struct StepRecord: Sendable, Equatable {
    /// The step's name, unique within its flow.
    public let name: String
    /// Where it stands.
    public var status: StepStatus
    /// How often its body was started, from 1.
    public var attempt: Int
    /// The result its listeners get; for a router its label, for a prompt step the outcome.
    public var result: JSON?
    /// Why it failed, in words for people.
    public var error: String?
    /// When its present attempt began.
    public var startedAt: Timestamp
    /// When it ended.
    public var finishedAt: Timestamp?

    /// Creates the value.
    public init(
        name: String,
        status: StepStatus,
        attempt: Int,
        result: JSON? = nil,
        error: String? = nil,
        startedAt: Timestamp,
        finishedAt: Timestamp? = nil
    ) {
        self.name = name
        self.status = status
        self.attempt = attempt
        self.result = result
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
