import Domain

/// One loop's subscriptions. Knows nothing of tasks and databases: what it lacks it asks of its ``StreamSource``.
public final class StreamHub {
    private let registry: StreamRegistry
    private let source: any StreamSource
    private var topics: [StreamKey: Topic] = [:]
    private var subscriptions: [SubscriptionID: Subscription] = [:]
    private var lastNumber: UInt64 = 0

    /// The subscribers of one document.
    private struct Topic {
        let log: SharedLog
        var subscriptions: [Subscription] = []
        /// For whom entries are being read that the log lacks; nobody else reads the same meanwhile.
        var filler: SubscriptionID?
        /// Whether something may exist of which nothing was heard.
        var isUnsure = false
        /// Those who can take more, and are served together in the next turn.
        var due: [Subscription] = []
        /// Those who are served in this turn, from the last to the first.
        var turn: [Subscription] = []
        /// Whether ``StreamHub/serve(_:)`` will be called.
        var isServing = false

        /// Whoever is furthest on comes first: what is folded for others begins where their entries end.
        mutating func beginTurn() {
            guard turn.isEmpty else { return }
            turn = due.sorted { $0.position.seq < $1.position.seq }
            due = []
        }
    }

    /// Creates the hub of one loop.
    package init(registry: StreamRegistry, source: any StreamSource) {
        self.registry = registry
        self.source = source
    }

    // MARK: Subscriptions

    /// Begins a subscription; the answer comes later, through ``StreamSubscriber/streamAttached(_:_:)``.
    ///
    /// It is listed before the document is read, and what is committed meanwhile only raises its `latest`: so nothing can
    /// fall between the answer and the first entry.
    public func subscribe(_ request: AttachRequest, _ subscriber: any StreamSubscriber) -> Subscription {
        lastNumber += 1
        let id = SubscriptionID(number: lastNumber)
        let subscription = Subscription(request: request, id: id, subscriber: subscriber)
        subscriptions[id] = subscription
        let (log, isFirst) = registry.logs.watch(request.key)
        // Nobody was told of commits while nobody watched.
        if isFirst { registry.shelf.outdate(request.key) }
        topics[request.key, default: Topic(log: log)].subscriptions.append(subscription)
        if request.isResync { registry.counters.count(.resynchronised) }
        source.find(request, for: id)
        return subscription
    }

    /// Ends a subscription.
    public func remove(_ subscription: Subscription) {
        guard subscription.phase != .ended else { return }
        subscription.phase = .ended
        subscriptions[subscription.id] = nil
        let key = subscription.request.key
        topics[key]?.subscriptions.removeAll { $0 === subscription }
        if topics[key]?.subscriptions.isEmpty == true { topics[key] = nil }
        // Nobody is told of commits of a stream that nobody watches.
        if registry.logs.unwatch(key) { registry.shelf.outdate(key) }
    }

    /// Lets entries come again after the subscriber wanted no more.
    ///
    /// Whoever lacks several is served a moment later together with the others of the stream: then all stand at the same
    /// position, and what is folded for one is folded for all.
    public func resume(_ subscription: Subscription) {
        guard subscription.phase == .paused else { return }
        guard subscription.takesFolded, subscription.lacksSeveral else {
            subscription.phase = .live
            return catchUp(subscription)
        }
        subscription.phase = .due
        let key = subscription.request.key
        topics[key]?.due.append(subscription)
        if topics[key]?.isServing == false { serveLater(key) }
    }

    /// Serves those who were to wait for each other: some at a time, so that nobody else waits for all of them.
    package func serve(_ key: StreamKey) {
        topics[key]?.beginTurn()
        var share = Self.share
        while share > 0, let subscription = topics[key]?.turn.popLast() {
            guard subscription.phase == .due else { continue }
            share -= 1
            subscription.phase = .live
            catchUp(subscription)
            if subscription.goesOnInTurns() {
                subscription.phase = .due
                topics[key]?.due.append(subscription)
            }
        }
        topics[key]?.isServing = false
        if topics[key]?.due.isEmpty == false || topics[key]?.turn.isEmpty == false { serveLater(key) }
    }

    private func serveLater(_ key: StreamKey) {
        guard let topic = topics[key] else { return }
        topics[key]?.isServing = true
        source.serveLater(key, isUnderWay: !topic.turn.isEmpty)
    }

    /// How many are served before others of the loop have their turn.
    static let share = 4

    // MARK: News

    /// Commits of this process took a stream to a position; their entries are in its log, unless one before them is missing.
    package func advance(_ key: StreamKey, to seq: Int64) {
        guard let topic = topics[key] else { return }
        // Most stand at the same position, and share what follows it.
        var (after, entries): (Position?, [StreamEntry]) = (nil, [])
        for subscription in topic.subscriptions {
            subscription.note(seq)
            guard subscription.isBehind else { continue }
            if after != subscription.position {
                after = subscription.position
                entries = topic.log.entries(after: subscription.position) ?? []
            }
            for entry in entries where subscription.phase == .live { subscription.deliver(entry) }
        }
        if topic.subscriptions.contains(where: \.isBehind) { source.lookLater(key, afterFailure: false) }
    }

    /// Some process says that a stream has reached a position. Usually that was this one and its entries are on their way, so
    /// what is still missing is read a moment later.
    package func heard(_ key: StreamKey, seq: Int64) {
        guard let topic = topics[key] else { return }
        for subscription in topic.subscriptions { subscription.note(seq) }
        if topic.subscriptions.contains(where: \.isBehind) { source.lookLater(key, afterFailure: false) }
    }

    /// Reads what is known to exist and has not come by itself.
    package func lookAround(_ key: StreamKey) {
        for subscription in topics[key]?.subscriptions ?? [] where subscription.phase == .live { catchUp(subscription) }
    }

    /// Anything may have been missed: every stream is looked at, as soon as somebody takes what is found.
    package func checkAll() {
        for key in topics.keys {
            topics[key]?.isUnsure = true
            lookAround(key)
        }
    }

    // MARK: Answers of the source

    /// Where a subscription begins, or begins again.
    package func found(_ id: SubscriptionID, _ answer: Result<AttachReply, AttachError>) {
        guard let subscription = subscriptions[id] else { return }
        switch answer {
        case .failure(let error):
            end(subscription, error)
        case .success(let reply):
            guard subscription.subscriber != nil else { return remove(subscription) }
            if subscription.phase == .attaching {
                registry.counters.count(reply.snapshot == nil ? .resumed : .begun)
                subscription.begin(reply)
            } else if let snapshot = reply.snapshot {
                registry.counters.count(.replaced)
                subscription.replace(with: snapshot)
            } else {
                // What is missing is shorter than the document, and no longer in the log: it is read page by page.
                return read(subscription, after: subscription.position)
            }
            let key = subscription.request.key
            let end = topics[key]?.log.anchor(at: reply.position)
            // It may know more than was heard here, which then is news for the others too.
            if let end, end.seq < reply.position.seq { heard(key, seq: reply.position.seq) }
            catchUp(subscription)
        }
    }

    /// Entries that follow a position, read for a subscription that may have ended by now.
    package func read(_ id: SubscriptionID, _ key: StreamKey, _ answer: Result<StreamPage, AttachError>) {
        guard let topic = topics[key] else { return }
        let isFill = topic.filler == id
        if isFill { topics[key]?.filler = nil }
        switch answer {
        case .success(.entries(let entries, _)): topic.log.take(entries)
        case .success(.gone): topic.log.forget()
        case .failure: break
        }
        if isFill, case .failure = answer {
            // What it was to find out is still not known. Nobody has lost anything by it that will not be read later.
            topics[key]?.isUnsure = true
            if let subscription = subscriptions[id], subscription.phase == .reading { subscription.phase = .live }
            return source.lookLater(key, afterFailure: true)
        }
        if let subscription = subscriptions[id], subscription.phase == .reading {
            finish(subscription, answer)
        } else {
            // Whoever it was read for has gone, and the others still wait.
            topics[key]?.isUnsure = true
        }
        // The others get it from the log, into which another loop may have read more.
        if let end = topic.log.end { advance(key, to: end.seq) }
        if topics[key]?.isUnsure == true { lookAround(key) }
    }

    private func finish(_ subscription: Subscription, _ answer: Result<StreamPage, AttachError>) {
        switch answer {
        case .failure(let error):
            end(subscription, error)
        case .success(.gone):
            source.find(subscription.request.continuing(from: subscription.position), for: subscription.id)
        case .success(.entries(let entries, let mayHaveMore)):
            subscription.phase = .live
            deliver(entries, to: subscription)
            if mayHaveMore {
                if subscription.phase == .live, subscription.position == entries.last?.position {
                    return read(subscription, after: subscription.position)
                }
                // It takes no more for now; how much there is, somebody else may find out.
                topics[subscription.request.key]?.isUnsure = true
            }
            if entries.isEmpty, subscription.isBehind {
                // It was said to exist and is not there to be seen yet.
                source.lookLater(subscription.request.key, afterFailure: false)
            } else {
                catchUp(subscription)
            }
        }
    }

    // MARK: Catching up

    /// Passes on what the subscriber lacks and can take, and has read what is not at hand.
    private func catchUp(_ subscription: Subscription) {
        let key = subscription.request.key
        guard let log = topics[key]?.log else { return }
        if let end = log.end, end.epoch == subscription.position.epoch { subscription.note(end.seq) }
        while subscription.isBehind {
            let position = subscription.position
            let found = subscription.takesFolded ? log.conflated(after: position) : log.entries(after: position)
            guard let entries = found else { return obtain(subscription, log) }
            guard !entries.isEmpty else { return fill(key, for: subscription) }
            deliver(entries, to: subscription)
        }
        if subscription.phase == .live, topics[key]?.isUnsure == true, topics[key]?.filler == nil {
            topics[key]?.isUnsure = false
            fill(key, for: subscription)
        }
    }

    private func deliver(_ entries: [StreamEntry], to subscription: Subscription) {
        for entry in entries where subscription.phase == .live && entry.since == subscription.position.seq {
            if entry.position.seq > entry.since + 1 { registry.counters.count(.conflated) }
            subscription.deliver(entry)
        }
    }

    /// The log does not reach back to the subscriber: it goes on with the document or with pages, whichever is shorter.
    private func obtain(_ subscription: Subscription, _ log: SharedLog) {
        if let end = log.end, end.epoch == subscription.position.epoch {
            // One that came from elsewhere may be ahead of what was heard here.
            if end.seq < subscription.position.seq { return fill(subscription.request.key, for: subscription) }
            if subscription.request.interest == .everyEvent {
                return read(subscription, after: subscription.position)
            }
        }
        subscription.phase = .reading
        source.find(subscription.request.continuing(from: subscription.position), for: subscription.id)
    }

    /// The log is not as far as the database: one subscriber has read for it and for all others.
    private func fill(_ key: StreamKey, for subscription: Subscription) {
        guard let topic = topics[key], topic.filler == nil else { return }
        topics[key]?.filler = subscription.id
        // A subscriber that came from elsewhere may be ahead of the log.
        read(subscription, after: topics[key]?.log.end ?? subscription.position)
    }

    private func read(_ subscription: Subscription, after position: Position) {
        subscription.phase = .reading
        source.read(subscription.request, after: position, for: subscription.id)
    }

    private func end(_ subscription: Subscription, _ error: AttachError) {
        remove(subscription)
        subscription.subscriber?.streamEnded(error, subscription)
    }
}
