import Domain

/// A write that shares its commit with others: what it does to the draft of its flow, and who waits for the answer.
struct BatchedWrite: Sendable {
    /// A commit whose answer was lost, and what is answered if it did happen.
    struct Doubt: Sendable {
        let mark: CommitMark
        /// What is told then, once for all writes of the commit.
        let committed: Committed
        let answer: @Sendable () -> Void
    }

    let actor: String
    let at: Timestamp
    /// Changes the draft; gives what is to be called once that is committed.
    let make: @Sendable (inout FlowDraft) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
    /// When it was asked for.
    let began = ContinuousClock.now
    var doubts: [Doubt] = []
    /// How often its flow was somewhere else than expected.
    var conflicts = 0

    /// Other processes that are first so many times in a row have the flow for themselves.
    static let conflictLimit = 100

    /// Whether the database is still to be asked what became of it.
    var isLookedUp: Bool { !doubts.isEmpty && began.duration(to: .now) < LookUp.patience }

    /// The answer is that nothing was done, as far as that is known.
    func refuse(_ error: any Error) {
        guard doubts.isEmpty else {
            return fail(StoreError.unknownOutcome("the database did not say what became of the change"))
        }
        fail(error)
    }
}
