import Domain
import Streams

/// A process of the model: two loops with a hub each, and the messages that wait for each loop.
final class ModelNode {
    let registry = StreamRegistry(logLimits: StreamLog.Limits(entries: 8, bytes: 2048, conflations: 3))
    let hubs: [StreamHub]
    private let sources: [ModelSource]
    /// What was posted to each loop and has not run yet.
    var posts: [[(StreamHub) -> Void]] = [[], []]

    init(store: ModelStore) {
        let reader = StreamReader(store: store, registry: registry, pageSize: 5)
        sources = (0..<2).map { _ in ModelSource(executor: store.executor, reader: reader) }
        hubs = sources.map { [registry] in StreamHub(registry: registry, source: $0) }
        for (source, hub) in zip(sources, hubs) { source.hub = hub }
    }

    /// Timers that have not fired yet.
    var timers: Int { sources.reduce(0) { $0 + $1.timers.count } }

    func take(_ committed: Committed) {
        let reached = registry.take(committed)
        post { hub in for (key, seq) in reached { hub.advance(key, to: seq) } }
    }

    func hear(_ stream: StreamName, of tenant: TenantID, seq: Int64) {
        let reached = registry.hear(stream, of: tenant, seq: seq)
        post { hub in for (key, seq) in reached { hub.heard(key, seq: seq) } }
    }

    func missSomething() {
        registry.forgetSnapshots()
        post { $0.checkAll() }
    }

    func runPost(_ loop: Int) {
        guard !posts[loop].isEmpty else { return }
        posts[loop].removeFirst()(hubs[loop])
    }

    func fireTimer(_ loop: Int) {
        guard !sources[loop].timers.isEmpty else { return }
        sources[loop].timers.removeFirst()(hubs[loop])
    }

    private func post(_ message: @escaping (StreamHub) -> Void) {
        for loop in posts.indices { posts[loop].append(message) }
    }
}

/// The model's database behind a hub.
private final class ModelSource: StreamSource {
    private let executor: ModelExecutor
    private let reader: StreamReader
    weak var hub: StreamHub?
    var timers: [(StreamHub) -> Void] = []

    init(executor: ModelExecutor, reader: StreamReader) {
        self.executor = executor
        self.reader = reader
    }

    func find(_ request: AttachRequest, for subscription: SubscriptionID) {
        // All of the model runs on one thread.
        nonisolated(unsafe) let source = self
        executor.spawn {
            let answer = (try? await source.reader.find(request)) ?? .failure(.unavailable)
            source.hub?.found(subscription, answer)
        }
    }

    func read(_ request: AttachRequest, after position: Position, for subscription: SubscriptionID) {
        nonisolated(unsafe) let source = self
        executor.spawn {
            let page = try? await source.reader.entries(request, after: position)
            source.hub?.read(subscription, request.key, page.map(Result.success) ?? .failure(.unavailable))
        }
    }

    func lookLater(_ key: StreamKey, afterFailure: Bool) { timers.append { $0.lookAround(key) } }

    func serveLater(_ key: StreamKey, isUnderWay: Bool) { timers.append { $0.serve(key) } }
}
