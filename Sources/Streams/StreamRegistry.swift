package import Domain

/// What the loops of a process share: the logs of the streams that are watched, and the documents that were read.
package final class StreamRegistry: Sendable {
    /// A stream that has reached a position.
    package typealias Reached = (key: StreamKey, seq: Int64)

    let logs: StreamLogs
    let shelf = SnapshotShelf()
    /// What has happened so far.
    package let counters = StreamCounters()

    /// Creates an empty registry.
    package init(logLimits: StreamLog.Limits = StreamLog.Limits()) {
        logs = StreamLogs(limits: logLimits)
    }

    /// Takes what was committed here.
    /// - Returns: what the hubs of all loops have to be told, by ``StreamHub/advance(_:to:)``.
    package func take(_ committed: Committed) -> [Reached] {
        var reached: [Reached] = []
        if let flow = committed.flow, let last = committed.events.last {
            for (key, log) in logs.logs(of: .flow(flow), tenant: committed.tenant) {
                log.take(committed.events.map { StreamEntry($0, flow: flow, epoch: committed.epoch) })
                reached.append((key, last.seq))
            }
        }
        reached += take(committed.flows, of: .flows, committed.tenant)
        reached += take(committed.prompts, of: .prompts, committed.tenant)
        outdate(reached)
        return reached
    }

    /// Takes what was committed by another process, in whatever order that comes.
    ///
    /// Nothing is taken of another epoch than that of the log: that process is elsewhere in the flow's history. And only what
    /// goes on in the log without a gap is told on, since a message is no proof that a position exists.
    /// - Returns: what the hubs of all loops have to be told, by ``StreamHub/advance(_:to:)``.
    package func takeForeign(_ committed: Committed) -> [Reached] {
        var reached: [Reached] = []
        if let flow = committed.flow, let first = committed.events.first {
            for (key, log) in logs.logs(of: .flow(flow), tenant: committed.tenant) {
                guard log.end.map({ $0.epoch == committed.epoch }) != false else { continue }
                log.take(committed.events.map { StreamEntry($0, flow: flow, epoch: committed.epoch) })
                if let end = log.end, end.seq >= first.seq { reached.append((key, end.seq)) }
            }
        }
        for (view, changes) in [(View.flows, committed.flows), (.prompts, committed.prompts)] {
            guard let first = changes.first else { continue }
            for (key, _) in take(changes, of: view, committed.tenant) {
                if let end = logs.log(of: key)?.end, end.seq >= first.seq { reached.append((key, end.seq)) }
            }
        }
        return reached
    }

    /// Takes the word of some process that a stream has reached a position.
    /// - Returns: what the hubs of all loops have to be told, by ``StreamHub/heard(_:seq:)``.
    package func hear(_ stream: StreamName, of tenant: TenantID, seq: Int64) -> [Reached] {
        let reached = logs.logs(of: stream, tenant: tenant).map { Reached($0.key, seq) }
        outdate(reached)
        return reached
    }

    /// Anything may have been missed. The hubs of all loops have to be told, by ``StreamHub/checkAll()``.
    package func forgetSnapshots() { shelf.outdateAll() }

    private func take(_ changes: [ViewChange], of view: View, _ tenant: TenantID) -> [Reached] {
        guard let last = changes.last else { return [] }
        var entries = changes.map { SharedViewEntries($0, stream: view.stream) }
        return logs.logs(of: view.stream, tenant: tenant).map { key, log in
            // Before the log knows where it begins, its subscribers have not begun either.
            if let filter = key.filter, let epoch = log.end?.epoch {
                log.take(entries.indices.map { entries[$0].entry(for: filter, epoch: epoch) })
            }
            return (key, last.seq)
        }
    }

    /// Takes from the shelf what does not go on in the log: whoever began with it after the hubs were told would never hear
    /// of what is missing between.
    private func outdate(_ reached: [Reached]) {
        for (key, seq) in reached where logs.log(of: key)?.end?.seq ?? -1 < seq { shelf.outdate(key) }
    }
}
