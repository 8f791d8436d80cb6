// Streams: attach, resume and fan out.
//
// What it is for: giving every subscriber a document and then every change of it, in order, without a gap, from what was
// committed. It must never know a wire format (subscribers bring theirs), nor what a flow does.

public import Domain
public import Ledger
public import Reactor

/// The streams of a process: one hub on each loop, and what the loops share.
public struct Streams: CommitPublisher {
    private let workers: WorkerGroup
    private let registry = StreamRegistry()

    /// Creates the hubs.
    public init(workers: WorkerGroup, store: any Store) async {
        self.workers = workers
        for worker in workers.workers {
            await worker.run { [registry] worker in
                let source = StoreSource(worker, StreamReader(store: store, registry: registry))
                worker.attach(source)
                worker.attach(StreamHub(registry: registry, source: source))
            }
        }
    }

    /// What has happened so far.
    public var counters: StreamCounters { registry.counters }

    /// Sends what was committed to the subscribers of all loops: one message for each loop.
    public func publish(_ committed: Committed) {
        tell(registry.take(committed)) { $0.advance($1, to: $2) }
    }

    /// Takes what another process has committed, as that one says: entries for the logs, ahead of the database. What exists
    /// is for the database to say, by ``heard(_:)``; so what never comes this way, or comes with a gap, is read there.
    public func received(_ committed: Committed) {
        tell(registry.takeForeign(committed)) { $0.advance($1, to: $2) }
    }

    /// Takes a wake-up from the database.
    public func heard(_ notification: StoreNotification) {
        switch notification {
        case .stream(let tenant, let stream, let seq):
            tell(registry.hear(stream, of: tenant, seq: seq)) { $0.heard($1, seq: $2) }
        case .mayHaveMissed:
            registry.forgetSnapshots()
            for worker in workers.workers { worker.post { $0.attachment(StreamHub.self)?.checkAll() } }
        case .work, .workGivenBack, .deliveries, .sessionRevoked, .cannotHear:
            break
        }
    }

    private func tell(
        _ reached: [StreamRegistry.Reached],
        _ tell: @escaping @Sendable (StreamHub, StreamKey, Int64) -> Void
    ) {
        guard !reached.isEmpty else { return }
        for worker in workers.workers {
            worker.post { worker in
                guard let hub = worker.attachment(StreamHub.self) else { return }
                for (key, seq) in reached { tell(hub, key, seq) }
            }
        }
    }
}
