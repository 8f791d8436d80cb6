public import Domain

extension FlowRepository {
    /// Writes rows of the journal and the place in the queue of a flow, as it is now. False when the flow is not there, or the
    /// lease is not the last one.
    @discardableResult
    public func write(
        _ flow: FlowID,
        steps: [StepRecord] = [],
        effects: [EffectRecord] = [],
        lease: Int64? = nil,
        work: WorkChange? = nil
    ) async throws -> Bool {
        guard let record = try await records(of: [flow], locked: true).first else { return false }
        let change = FlowChange(
            flow: record.flow,
            isStateChanged: false,
            expected: record.version,
            events: [],
            line: nil,
            steps: steps,
            effects: effects,
            lease: lease,
            work: work
        )
        return try await commit([change], as: .generate()).contains(flow)
    }

    /// Stores a row of the journal.
    public func save(_ step: StepRecord, of flow: FlowID) async throws { try await write(flow, steps: [step]) }

    /// Puts a flow into the queue of work.
    public func enqueueWork(_ flow: FlowID) async throws { try await write(flow, work: .enqueue) }
}

extension WorkQueue {
    /// Takes flows for a node that then counts as alive for a minute.
    public func claim(owner: Int64, limit: Int) async throws -> [Lease] {
        try await claim(owner: owner, limit: limit, patience: 60, held: nil).leases
    }
}
