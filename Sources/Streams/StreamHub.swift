import Domain
import Reactor

/// One loop's subscriptions. Lives inside its ``Worker``; see ``Streams`` for the way in from elsewhere.
public final class StreamHub {
    struct Topic: Hashable {
        let tenant: TenantID
        let stream: StreamName
    }

    private let worker: Worker
    private let loop: EventLoop
    let reader: StreamReader
    private var topics: [Topic: [Subscription]] = [:]

    init(worker: Worker, loop: EventLoop, store: any Store) {
        self.worker = worker
        self.loop = loop
        reader = StreamReader(store: store)
    }

    /// Begins a subscription; the answer comes through ``StreamSubscriber/streamAttached(_:_:)``.
    ///
    /// The subscription is listed before the document is read, and what is committed meanwhile only raises its `latest`: so
    /// nothing can fall between the answer and the first entry.
    func add(_ subscription: Subscription) {
        topics[subscription.topic, default: []].append(subscription)
    }

    /// Ends a subscription.
    public func remove(_ subscription: Subscription) {
        guard subscription.phase != .ended else { return }
        subscription.phase = .ended
        let topic = subscription.topic
        topics[topic]?.removeAll { $0 === subscription }
        if topics[topic]?.isEmpty == true { topics[topic] = nil }
    }

    /// Lets entries come again after ``StreamSubscriber/streamDeliver(_:_:)`` returned false.
    public func resume(_ subscription: Subscription) {
        guard subscription.phase == .paused else { return }
        subscription.phase = .live
        // It may have been paused in the middle of what is only in the database, so `latest` does not say whether there is
        // more.
        catchUp(subscription)
    }

    func attached(_ subscription: Subscription, _ reply: AttachReply) {
        guard subscription.phase == .attaching else { return }
        guard let subscriber = subscription.subscriber else { return remove(subscription) }
        subscription.next = reply.position.seq + 1
        subscription.epoch = reply.position.epoch
        subscription.phase = .live
        subscriber.streamAttached(reply, subscription)
        // With patches to follow, they are in the database by definition.
        if reply.snapshot == nil || subscription.latest >= subscription.next { catchUp(subscription) }
    }

    func lost(_ subscription: Subscription) {
        guard subscription.phase != .ended else { return }
        remove(subscription)
        subscription.subscriber?.streamLost(subscription)
    }

    /// Passes on what this process committed.
    func deliver(_ committed: Committed, _ entries: [StreamEntry]) {
        if let flow = committed.flow {
            deliver(entries, to: Topic(tenant: committed.tenant, stream: .flow(flow)))
        }
        deliver(committed.flows, of: .flows, tenant: committed.tenant)
        deliver(committed.prompts, of: .prompts, tenant: committed.tenant)
    }

    /// Some process says that a stream has reached `seq`. Usually that was this one and its entries are on their way, so
    /// what is still missing is read a moment later.
    func heard(_ topic: Topic, seq: Int64) {
        guard let subscriptions = topics[topic] else { return }
        for subscription in subscriptions { subscription.latest = max(subscription.latest, seq) }
        guard subscriptions.contains(where: { $0.phase == .live && $0.next <= seq }) else { return }
        loop.schedule(after: .milliseconds(10)) { [weak self] in self?.catchUpLaggards(of: topic) }
    }

    /// Anything may have been missed: every subscription looks for itself.
    func checkAll() {
        for subscription in topics.values.joined() where subscription.phase == .live { catchUp(subscription) }
    }

    private func catchUpLaggards(of topic: Topic) {
        for subscription in topics[topic] ?? []
        where subscription.phase == .live && subscription.latest >= subscription.next {
            catchUp(subscription)
        }
    }

    private func deliver(_ entries: [StreamEntry], to topic: Topic) {
        guard let subscriptions = topics[topic] else { return }
        for subscription in subscriptions {
            for entry in entries where !subscription.offer(entry) { catchUp(subscription) }
        }
    }

    private func deliver(_ changes: [ViewChange], of view: View, tenant: TenantID) {
        guard !changes.isEmpty, let subscriptions = topics[Topic(tenant: tenant, stream: view.stream)] else { return }
        for change in changes {
            // Subscribers who see the same share one entry and so its bytes.
            var entries: [ViewFilter: StreamEntry] = [:]
            for subscription in subscriptions {
                guard let filter = subscription.request.filter else { continue }
                let entry = entries[filter] ?? filter.entry(change, stream: view.stream, epoch: subscription.epoch)
                entries[filter] = entry
                if !subscription.offer(entry) { catchUp(subscription) }
            }
        }
    }

    private func catchUp(_ subscription: Subscription) {
        guard subscription.phase == .live else { return }
        subscription.phase = .catchingUp
        let key = CatchUpKey(subscription)
        pending[key] = subscription
        let worker = self.worker
        worker.spawn { await worker.catchUp(key) }
    }

    /// Subscriptions that are being read for, so that a task can name one without holding it.
    var pending: [CatchUpKey: Subscription] = [:]
}

/// Names a subscription across a suspension.
struct CatchUpKey: Hashable, Sendable {
    private let identity: ObjectIdentifier

    init(_ subscription: Subscription) { identity = ObjectIdentifier(subscription) }
}

extension Subscription {
    var topic: StreamHub.Topic { StreamHub.Topic(tenant: request.tenant, stream: request.stream) }
}

extension Worker {
    /// Reads page after page until the subscription has everything that is known to exist, or pauses.
    func catchUp(_ key: CatchUpKey) async {
        guard let hub = attachment(StreamHub.self), let subscription = hub.pending[key] else { return }
        defer { hub.pending[key] = nil }
        while subscription.phase == .catchingUp {
            let request = subscription.request
            let entries: [StreamEntry]
            do {
                entries = try await hub.reader.entries(
                    tenant: request.tenant,
                    stream: request.stream,
                    epoch: subscription.epoch,
                    after: subscription.next - 1,
                    filter: request.filter
                )
            } catch {
                return hub.lost(subscription)
            }
            for entry in entries {
                guard subscription.phase == .catchingUp else { return }
                subscription.deliver(entry)
            }
            if entries.isEmpty, subscription.phase == .catchingUp { subscription.phase = .live }
        }
    }
}
