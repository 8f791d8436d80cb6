public import JSON

/// What was worked out of a flow's journal and changes only with the rows that change: of a long journal it takes longer to
/// make than all else of a commit.
public struct JournalSummary: Sendable, Equatable {
    /// What is shown of the steps: the progress of each by its name; of a step that the flow came back to, the last round.
    public private(set) var shown: JSONObject
    /// Bytes of the results of steps and effects, in serialised form.
    public private(set) var bytes: Int

    /// Works it out.
    public init(steps: [StepRecord], effects: [EffectRecord]) {
        shown = steps.shown
        bytes = steps.reduce(0) { $0 + Self.size(of: $1.result) } + effects.reduce(0) { $0 + Self.size(of: $1.result) }
    }

    /// A row was stored in the place of another one.
    /// - Parameter last: the last round of the step, which is shown.
    public mutating func replace(_ old: StepRecord?, by new: StepRecord, last: StepRecord) {
        shown[last.name] = last.json
        bytes += Self.size(of: new.result) - Self.size(of: old?.result)
    }

    /// What a step did was stored in the place of what was known of it.
    public mutating func replace(_ old: EffectRecord?, by new: EffectRecord) {
        bytes += Self.size(of: new.result) - Self.size(of: old?.result)
    }

    /// What a step did is over.
    public mutating func forget(_ effects: some Sequence<EffectRecord>) {
        bytes -= effects.reduce(0) { $0 + Self.size(of: $1.result) }
    }

    private static func size(of result: JSON?) -> Int { result?.serializedSize() ?? 0 }
}
