public import JSON

/// Where a step of a native flow stands.
public enum StepStatus: String, Sendable, Hashable, CaseIterable {
    /// Its body runs, or ran when its process died.
    case running
    /// It asked people and waits for their answer.
    case waiting
    /// It waits for a time, or for a flow that it started.
    case suspended
    /// What it waited for has come, and somebody has to run it on.
    case ready
    /// Its last attempt failed; the next one begins at ``StepRecord/dueAt``.
    case retrying
    /// Its result is committed.
    case done
    /// Its last attempt failed, and there is no other.
    case failed
    /// It will not run in this flow.
    case skipped

    /// Whether nothing more becomes of it by itself.
    public var isFinal: Bool {
        switch self {
        case .running, .waiting, .suspended, .ready, .retrying: false
        case .done, .failed, .skipped: true
        }
    }
}

/// Which row of a journal: a step, and how often it was begun by its listener's condition.
public struct StepKey: Sendable, Hashable, Comparable {
    /// The step's name, unique within its flow.
    public let name: String
    /// From 1; more than 1 only for steps that a flow comes back to.
    public let round: Int

    /// Creates the value.
    public init(_ name: String, round: Int = 1) {
        self.name = name
        self.round = round
    }

    /// By name, then by round.
    public static func < (left: StepKey, right: StepKey) -> Bool {
        (left.name, left.round) < (right.name, right.round)
    }
}

/// A row of a flow's journal: one step and what became of it.
public struct StepRecord: Sendable, Equatable {
    /// Which step, in which round.
    public let key: StepKey
    /// How often the flow had gone back when it was begun, from 1: what is in the same iteration belongs together.
    public let iteration: Int
    /// Where it stands.
    public var status: StepStatus
    /// How often its body was begun from its start, from 1.
    public var attempt: Int
    /// How many of the attempts failed.
    public var failures: Int
    /// The result its listeners get; for a router its label, for a prompt step the outcome.
    public var result: JSON?
    /// Why it failed, in words for people.
    public var error: String?
    /// When its present attempt began.
    public var startedAt: Timestamp
    /// When it ended.
    public var finishedAt: Timestamp?
    /// When it goes on by itself.
    public var dueAt: Timestamp?
    /// The position of the event that told its end.
    public var doneSeq: Int64?

    /// Creates the value.
    public init(
        _ key: StepKey,
        iteration: Int = 1,
        status: StepStatus,
        attempt: Int,
        failures: Int = 0,
        result: JSON? = nil,
        error: String? = nil,
        startedAt: Timestamp,
        finishedAt: Timestamp? = nil,
        dueAt: Timestamp? = nil,
        doneSeq: Int64? = nil
    ) {
        self.key = key
        self.iteration = iteration
        self.status = status
        self.attempt = attempt
        self.failures = failures
        self.result = result
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.dueAt = dueAt
        self.doneSeq = doneSeq
    }

    /// The step's name.
    public var name: String { key.name }
}
