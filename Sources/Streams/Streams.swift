public import Domain
public import Ledger
public import Reactor

/// The streams of a process: one hub on each loop.
public struct Streams: CommitPublisher {
    private let workers: WorkerGroup
    private let store: any Store

    /// Creates the hubs.
    public init(workers: WorkerGroup, store: any Store) async {
        self.workers = workers
        self.store = store
        for worker in workers.workers {
            await worker.run { worker in
                worker.attach(StreamHub(worker: worker, loop: worker.loop, store: store))
            }
        }
    }

    /// Sends what was committed to the subscribers of all loops: one message for each loop.
    public func publish(_ committed: Committed) {
        let entries = committed.flow.map { flow in
            committed.events.map { StreamEntry($0, flow: flow, epoch: committed.epoch) }
        }
        for worker in workers.workers {
            worker.post { $0.attachment(StreamHub.self)?.deliver(committed, entries ?? []) }
        }
    }

    /// Takes a wake-up from the database.
    public func heard(_ notification: StoreNotification) {
        switch notification {
        case .stream(let tenant, let stream, let seq):
            let topic = StreamHub.Topic(tenant: tenant, stream: stream)
            for worker in workers.workers { worker.post { $0.attachment(StreamHub.self)?.heard(topic, seq: seq) } }
        case .mayHaveMissed:
            for worker in workers.workers { worker.post { $0.attachment(StreamHub.self)?.checkAll() } }
        case .work, .sessionRevoked:
            break
        }
    }
}

/// Why a subscription did not begin.
public enum AttachError: Error, Equatable, Sendable {
    /// No such stream in this tenant.
    case noSuchStream
    /// The database could not be read.
    case unavailable
}

extension Worker {
    /// Begins a subscription for a subscriber of this loop. Its answer and then its entries go to the subscriber, which
    /// `find` gives; a subscriber that is gone by then ends it.
    ///
    /// - Returns: when the answer was given.
    /// - Throws: ``AttachError``.
    public func subscribe(
        _ request: AttachRequest,
        _ find: @Sendable (isolated Worker) -> (any StreamSubscriber)?
    ) async throws(AttachError) {
        guard let hub = attachment(StreamHub.self), let subscriber = find(self) else { throw .unavailable }
        let subscription = Subscription(request: request, subscriber: subscriber)
        hub.add(subscription)
        let reply: AttachReply?
        do {
            reply = try await hub.reader.attach(request)
        } catch {
            hub.remove(subscription)
            throw .unavailable
        }
        guard let reply else {
            hub.remove(subscription)
            throw .noSuchStream
        }
        hub.attached(subscription, reply)
    }
}
