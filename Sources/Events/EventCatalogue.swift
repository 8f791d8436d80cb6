public import JSON

/// The kinds of events that every flow has.
public enum EventCatalogue {
    private static let types: [any DomainEvent.Type] = [
        FlowInitialized.self, FlowRetried.self, FlowWaiting.self, FlowSucceeded.self, FlowFailed.self,
        FlowCancelled.self, RunStarted.self, StepStarted.self, StepFinished.self, StepFailed.self, PromptOpened.self,
        PromptClaimed.self, PromptReleased.self, PromptDecided.self,
    ]
    private static let byKind = Dictionary(uniqueKeysWithValues: types.map { ($0.kind, $0) })

    /// All of them, in the order of a flow's life.
    public static let kinds = types.map { $0.kind }

    /// What an event of this kind says beside whom it is about.
    public static func data(of record: EventRecord, _ kind: EventKind) -> JSONObject {
        if let type = byKind[kind] { return type.init(record)?.data ?? [:] }
        return ["name": record["name"] ?? .null, "value": record.value ?? .null]
    }
}
