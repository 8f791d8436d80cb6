import Domain

/// A flow's part of a batch, made on the flow as it was last committed, and not committed yet.
struct DraftedPart {
    let flow: FlowID
    let writes: [BatchedWrite]
    /// What is called once the commit has happened, for each write.
    let answers: [@Sendable () -> Void]
    /// What is to be written; nil when nothing changes.
    let change: FlowChange?
    /// Bytes of state that are written.
    let bytes: Int
    private let draft: FlowDraft?

    /// Makes the writes one after the other. One that throws leaves the draft as it was, and is answered with the others: what
    /// it met may have been theirs.
    ///
    /// Nil when nothing changes and the record may be out of date: no commit would tell that it is.
    init?(_ part: GroupCommit.Queue.Part, on record: FlowRecord, isFresh: Bool) {
        var draft = FlowDraft(record, isNew: false, isFresh: isFresh, actor: "", now: record.flow.updatedAt)
        var answers: [@Sendable () -> Void] = []
        for write in part.writes {
            do { answers.append(try write.make(&draft)) } catch { answers.append { write.fail(error) } }
        }
        change = draft.change()
        guard change != nil || isFresh else { return nil }
        flow = part.flow
        writes = part.writes
        bytes = draft.changedBytes
        self.answers = answers
        self.draft = draft
    }

    /// No write of the part is made.
    init(_ part: GroupCommit.Queue.Part, refusedBy error: any Error) {
        flow = part.flow
        writes = part.writes
        answers = part.writes.map { write in { write.refuse(error) } }
        change = nil
        bytes = 0
        draft = nil
    }

    /// Answers every write.
    func answer() { for answer in answers { answer() } }

    /// All that is known of the flow once this is committed.
    func record(as id: CommitID) -> FlowRecord? { draft?.record(as: id) }
}
