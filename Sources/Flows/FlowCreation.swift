import Domain
import JSON
import Ledger

/// What a new flow begins as.
struct FlowCreation: Sendable {
    let flow: Flow
    let initial: JSON
    let isNative: Bool

    /// - Parameter type: nil for a flow that is driven by its agent.
    /// - Throws: ``FlowError/invalidInput(pointer:message:)``, ``LedgerError/stateIsNotAnObject``.
    init(
        id: FlowID = .generate(),
        type: FlowType?,
        title: String? = nil,
        state: JSON? = nil,
        metadata: JSON? = nil,
        input: JSON?,
        parent: FlowParent? = nil,
        by subject: String,
        at now: Timestamp
    ) throws {
        if let title, title.isEmpty || title.count > FlowCommands.maximumTitle || title.utf8.contains(0) {
            throw FlowError.invalidInput(
                pointer: "/title",
                message: "must have 1 to \(FlowCommands.maximumTitle) characters, none of them U+0000"
            )
        }
        if let metadata, metadata.object == nil {
            throw FlowError.invalidInput(pointer: "/metadata", message: "must be an object")
        }
        if type != nil, state != nil {
            throw FlowError.invalidInput(pointer: "/state", message: "is made by the flow type from the input")
        }
        initial = try type?.initialState(input) ?? state ?? [:]
        guard initial.object != nil else { throw LedgerError.stateIsNotAnObject }
        isNative = type != nil
        let name = type?.name ?? Flow.externalType
        var flow = Flow(
            id: id,
            type: name,
            title: title ?? name,
            status: type == nil ? .running : .pending,
            phase: nil,
            state: [:],
            metadata: metadata ?? [:],
            input: input,
            graph: type?.plan.graph,
            seq: 0,
            epoch: Identifier<Flow>.generate().text,
            run: nil,
            createdBy: subject,
            createdAt: now,
            updatedAt: now
        )
        flow.version = type?.version ?? 1
        flow.parent = parent
        self.flow = flow
    }

    /// The flow's first event; a native one is put into the queue of work.
    func begin(_ writer: FlowWriter, channel: String) async throws {
        // The first event is a snapshot, so that folding the log from its beginning gives every state.
        try writer.change { try $0.apply(agentEvent: ["type": "STATE_SNAPSHOT", "snapshot": initial]) }
        var detail: JSONObject = ["type": JSON(flow.type), "title": JSON(flow.title)]
        if let parent = flow.parent { detail["parent"] = parent.json }
        try await writer.audit("flow.created", subject: "flow:\(flow.id)", channel: channel, detail: .object(detail))
        if isNative { writer.set(work: .enqueue) }
    }
}
