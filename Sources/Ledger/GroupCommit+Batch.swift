import Domain
import Locking

extension GroupCommit {
    /// Flows read at once: each may have a state of megabytes.
    private static let readLimit = 32
    /// Bytes of states in one commit, unless the first one alone is larger.
    private static let byteLimit = 8 << 20

    /// Commits a batch.
    /// - Returns: the batch with the writes that still have to be made.
    func commit(_ batch: Queue.Batch) async -> Queue.Batch {
        let contended = batch.parts.filter(\.isContended)
        guard !contended.isEmpty else { return await commitAtOnce(batch) }
        var again = Queue.Batch(tenant: batch.tenant, parts: [])
        do { again.parts = try await commitLocked(contended, of: batch.tenant) } catch {
            again = await recover(Queue.Batch(tenant: batch.tenant, parts: contended), from: error)
        }
        let others = batch.parts.filter { !$0.isContended }
        if !others.isEmpty {
            again.parts += await commitAtOnce(Queue.Batch(tenant: batch.tenant, parts: others)).parts
        }
        return again
    }

    /// Commits a batch of flows that only this process seems to write, in one round trip where they are known.
    private func commitAtOnce(_ batch: Queue.Batch) async -> Queue.Batch {
        var (drafts, again): ([DraftedPart], Queue.Batch)
        do { (drafts, again) = try await draft(batch) } catch { return await recover(batch, from: error) }
        do { again.parts += try await commit(drafts, of: batch.tenant) } catch {
            // Without the writes that turned out to have happened.
            let made = Queue.Batch(
                tenant: batch.tenant,
                parts: drafts.map { Queue.Part(flow: $0.flow, writes: $0.writes) }
            )
            again.parts += await recover(made, from: error).parts
        }
        return again
    }

    // MARK: Making

    /// Makes the writes of a batch on what is known of their flows, or on what is read where nothing is known.
    /// - Returns: what is to be committed, and what has to wait for the next commit.
    private func draft(_ batch: Queue.Batch) async throws -> (drafts: [DraftedPart], later: Queue.Batch) {
        var drafts: [DraftedPart] = []
        var unread: [Queue.Part] = []
        for part in batch.parts {
            if part.isWithoutDoubt, let known = known(part.flow, of: batch.tenant),
                let drafted = DraftedPart(part, on: known, isFresh: false)
            {
                drafts.append(drafted)
            } else {
                unread.append(part)
            }
        }
        drafts += try await read(unread, of: batch.tenant)
        // In one order, so that no two commits wait for each other in a circle.
        drafts.sort { $0.flow < $1.flow }
        var bytes = 0
        let count = drafts.prefix { drafted in
            defer { bytes += drafted.bytes }
            return bytes == 0 || bytes + drafted.bytes <= Self.byteLimit
        }.count
        let later = drafts[count...].map { Queue.Part(flow: $0.flow, writes: $0.writes) }
        return (Array(drafts[..<count]), Queue.Batch(tenant: batch.tenant, parts: later))
    }

    /// Reads flows, finds out what became of lost commits, and makes the writes that are left.
    private func read(_ parts: [Queue.Part], of tenant: TenantID) async throws -> [DraftedPart] {
        var known: [FlowID: FlowRecord] = [:]
        var happened: Set<CommitMark> = []
        for start in stride(from: 0, to: parts.count, by: Self.readLimit) {
            let some = parts[start..<min(start + Self.readLimit, parts.count)]
            let flows = some.map(\.flow)
            let marks = some.flatMap { $0.writes.flatMap(\.doubts) }.map(\.mark)
            let (records, found) = try await store.transaction(.snapshot) { transaction in
                (
                    try await transaction.flows.records(of: flows, locked: false),
                    marks.isEmpty ? [] : try await transaction.flows.happened(marks)
                )
            }
            for record in records { known[record.flow.id] = record }
            happened.formUnion(found)
        }
        var told: Set<CommitMark> = []
        // Nothing is answered before everything is read: after a failure all of it is done again.
        return parts.map { part in
            var part = part
            part.writes.removeAll { write in
                guard let doubt = write.doubts.first(where: { happened.contains($0.mark) }) else { return false }
                counters.count(.found)
                if told.insert(doubt.mark).inserted { publisher.publish(doubt.committed) }
                doubt.answer()
                return true
            }
            if let record = known[part.flow] {
                learn(record, of: tenant)
                if let drafted = DraftedPart(part, on: record, isFresh: true) { return drafted }
            }
            return DraftedPart(part, refusedBy: LedgerError.noSuchFlow)
        }
    }

    // MARK: Committing

    /// Commits writes of flows that another process writes, too. Whoever reads a flow first and writes it then would lose to
    /// the one that knows it each time: so it is locked before it is read.
    /// - Returns: what has to be made again.
    private func commitLocked(_ parts: [Queue.Part], of tenant: TenantID) async throws -> [Queue.Part] {
        let id = CommitID.generate()
        let made = Mutex<[DraftedPart]>([])
        let receipt: CommitReceipt
        do {
            receipt = try await store.transaction { transaction in
                let records = try await transaction.flows.records(of: parts.map(\.flow), locked: true)
                let known = Dictionary(uniqueKeysWithValues: records.map { ($0.flow.id, $0) })
                let drafts = parts.map { part in
                    known[part.flow].flatMap { DraftedPart(part, on: $0, isFresh: true) }
                        ?? DraftedPart(part, refusedBy: LedgerError.noSuchFlow)
                }
                made.withLock { $0 = drafts }
                let changes = drafts.compactMap(\.change)
                return changes.isEmpty
                    ? CommitReceipt(flows: [], lines: []) : try await transaction.commit(changes, as: id)
            }
        } catch StoreError.unknownOutcome {
            counters.count(.lost)
            return made.withLock(\.self).map { doubted($0, id, tenant) }
        }
        return settle(made.withLock(\.self), receipt, id, tenant)
    }

    /// Commits what was made, tells those who watch, and answers.
    /// - Returns: what has to be made again.
    private func commit(_ drafts: [DraftedPart], of tenant: TenantID) async throws -> [Queue.Part] {
        let changes = drafts.compactMap(\.change)
        let id = CommitID.generate()
        let receipt: CommitReceipt
        do {
            receipt =
                changes.isEmpty
                ? CommitReceipt(flows: [], lines: []) : try await store.commit(changes, as: id)
        } catch StoreError.unknownOutcome {
            counters.count(.lost)
            return drafts.map { doubted($0, id, tenant) }
        }
        return settle(drafts, receipt, id, tenant)
    }

    /// Tells those who watch what was committed, and answers.
    /// - Returns: what has to be made again.
    private func settle(
        _ drafts: [DraftedPart],
        _ receipt: CommitReceipt,
        _ id: CommitID,
        _ tenant: TenantID
    ) -> [Queue.Part] {
        if drafts.contains(where: { $0.change != nil }) { counters.count(.committed) }
        counters.count(.changed, receipt.flows.count)
        var again: [Queue.Part] = []
        for drafted in drafts {
            guard let change = drafted.change else {
                drafted.answer()
                again.append(Queue.Part(flow: drafted.flow, writes: []))
                continue
            }
            guard receipt.flows.contains(drafted.flow) else {
                again.append(overtaken(drafted, tenant))
                continue
            }
            if let record = drafted.record(as: id) {
                learn(record, of: tenant, stateBytes: drafted.bytes > 0 ? drafted.bytes : nil)
            }
            var committed = Committed(change, tenant)
            committed.flows = receipt.lines.filter { $0.item == change.line?.item }
            publisher.publish(committed)
            drafted.answer()
            again.append(Queue.Part(flow: drafted.flow, writes: []))
        }
        return again
    }

    /// Another process was first.
    private func overtaken(_ drafted: DraftedPart, _ tenant: TenantID) -> Queue.Part {
        counters.count(.overtaken)
        forget(drafted.flow, of: tenant)
        var writes = drafted.writes
        for index in writes.indices { writes[index].conflicts += 1 }
        for write in writes where write.conflicts > BatchedWrite.conflictLimit { write.refuse(LedgerError.conflict) }
        writes.removeAll { $0.conflicts > BatchedWrite.conflictLimit }
        return Queue.Part(flow: drafted.flow, writes: writes)
    }

    /// The answer to the commit was lost. The flow is read before the next write of it, and then it is seen; a commit that
    /// comes so late that it is not seen then finds the flow at another version and does nothing, or is found out by the next
    /// attempt in the same way.
    private func doubted(_ drafted: DraftedPart, _ id: CommitID, _ tenant: TenantID) -> Queue.Part {
        forget(drafted.flow, of: tenant)
        guard let change = drafted.change else {
            drafted.answer()
            return Queue.Part(flow: drafted.flow, writes: [])
        }
        let mark = CommitMark(flow: drafted.flow, seq: change.expected.seq + 1, commit: id)
        var writes = drafted.writes
        for (index, answer) in zip(writes.indices, drafted.answers) {
            let doubt = BatchedWrite.Doubt(mark: mark, committed: Committed(change, tenant), answer: answer)
            writes[index].doubts.append(doubt)
        }
        return Queue.Part(flow: drafted.flow, writes: writes)
    }

    // MARK: Failures

    private func recover(_ batch: Queue.Batch, from error: any Error) async -> Queue.Batch {
        if case StoreError.unavailable = error { return await waitOut(batch, error) }
        if case StoreError.moving = error { return await waitOut(batch, error, of: batch.tenant) }
        if batch.parts.allSatisfy(\.writes.isEmpty) { return batch }
        if batch.parts.count > 1 {
            var again = Queue.Batch(tenant: batch.tenant, parts: [])
            // One of them is refused: the others shall not suffer for it.
            for part in batch.parts {
                again.parts += await commit(Queue.Batch(tenant: batch.tenant, parts: [part])).parts
            }
            return again
        }
        guard let part = batch.parts.first else { return batch }
        forget(part.flow, of: batch.tenant)
        guard part.writes.count > 1 else {
            for write in part.writes { write.refuse(error) }
            return Queue.Batch(tenant: batch.tenant, parts: [Queue.Part(flow: part.flow, writes: [])])
        }
        var left = part.writes[...]
        while let write = left.popFirst() {
            let single = Queue.Part(flow: part.flow, writes: [write])
            let again = await commit(Queue.Batch(tenant: batch.tenant, parts: [single])).parts.flatMap(\.writes)
            // Those behind it must not overtake it.
            if !again.isEmpty {
                let rest = Queue.Part(flow: part.flow, writes: again + left)
                return Queue.Batch(tenant: batch.tenant, parts: [rest])
            }
        }
        return Queue.Batch(tenant: batch.tenant, parts: [Queue.Part(flow: part.flow, writes: [])])
    }

    /// The database is away, or takes nothing of one tenant: whoever waits for it has waited long enough, but for what may
    /// have happened.
    /// - Parameter tenant: whose writes are refused; nil for all.
    private func waitOut(_ batch: Queue.Batch, _ error: any Error, of tenant: TenantID? = nil) async -> Queue.Batch {
        var batch = batch
        var refused: [BatchedWrite] = []
        for index in batch.parts.indices {
            forget(batch.parts[index].flow, of: batch.tenant)
            refused += batch.parts[index].writes.filter { !$0.isLookedUp }
            batch.parts[index].writes.removeAll { !$0.isLookedUp }
        }
        let (waiting, actions) = queue.withLock { $0.removeWrites(of: tenant) { !$0.isLookedUp } }
        for write in refused + waiting { write.refuse(error) }
        act(on: actions)
        if batch.parts.contains(where: { !$0.writes.isEmpty }) { try? await Task.sleep(for: LookUp.pause) }
        return batch
    }
}

extension Committed {
    /// What a change adds to its flow. Its lines in the live lists are known only from the database's answer.
    fileprivate init(_ change: FlowChange, _ tenant: TenantID) {
        self.init(
            tenant: tenant,
            flow: change.flow.id,
            epoch: change.flow.epoch,
            events: change.events.map(\.event),
            runnable: change.runnable.count
        )
    }
}

extension CommitQueue<BatchedWrite, GroupCommit.Loan>.Part {
    fileprivate var isWithoutDoubt: Bool { writes.allSatisfy(\.doubts.isEmpty) }

    /// Whether another process was first with the flow, and nothing has to be found out before it is written.
    fileprivate var isContended: Bool { isWithoutDoubt && writes.contains { $0.conflicts > 0 } }
}
