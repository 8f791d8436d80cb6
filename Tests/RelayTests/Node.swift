import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import Locking
import Persistence
import Reactor
import Redis
import Streams
import TestSupport

@testable import Relay

/// What the clients of a node were shown of a stream: entries in the order they came.
final class Shown: Sendable {
    struct Content {
        var document: JSON = .null
        var position = Position(epoch: "", seq: 0)
        var isAttached = false
        var gaps = 0
        var events = 0
    }

    private let content = Mutex(Content())

    var now: Content { content.withLock { $0 } }

    func change(_ body: (inout Content) -> Void) { content.withLock { body(&$0) } }
}

/// A client on its loop.
private final class Watcher: StreamSubscriber {
    private let shown: Shown

    init(_ shown: Shown) { self.shown = shown }

    func streamAttached(_ reply: AttachReply, _ subscription: Subscription) -> Bool {
        shown.change { content in
            content.document = reply.snapshot?.document ?? .null
            content.position = reply.position
            content.isAttached = true
        }
        return true
    }

    func streamReplaced(_ snapshot: StreamSnapshot, _ subscription: Subscription) -> Bool {
        shown.change { content in
            content.document = snapshot.document
            content.position = snapshot.position
        }
        return true
    }

    func streamDeliver(_ entry: StreamEntry, _ subscription: Subscription) -> Bool {
        shown.change { content in
            let document = try? entry.applied(to: content.document)
            if entry.since != content.position.seq || document == nil { content.gaps += 1 }
            content.document = document ?? content.document
            content.position = entry.position
            content.events += 1
        }
        return true
    }

    func streamEnded(_ error: AttachError, _ subscription: Subscription) {}
}

/// Keeps the clients of a loop.
private final class Watchers {
    var all: [Watcher] = []
}

/// What makes one process of several: streams, an ear for the database unless it is deaf, and a relay.
final class Node: Sendable {
    let streams: Streams
    let relay: CommitRelay
    let worker: Worker
    private let workers: WorkerGroup
    private let listener: StoreListener?
    private let events: AsyncStream<RelayEvent>

    /// Starts a node, and connects its relay unless that is impossible at present.
    init(_ database: TestDatabase, redis url: String, channel: String? = nil, isDeaf: Bool) async throws {
        workers = try WorkerGroup(count: 1)
        worker = workers.workers[0]
        let streams = await Streams(workers: workers, store: database.store)
        self.streams = streams
        var options = RedisOptions()
        options.heartbeat = .milliseconds(100)
        options.longestBackoff = .milliseconds(50)
        let node = Int64.random(in: 1...Int64.max)
        relay = CommitRelay(
            RedisPubSub(
                try RedisConfiguration(url),
                options: options,
                worker: worker,
                blockingPool: TestDatabase.blockingPool
            ),
            node: node
        )
        listener = isDeaf ? nil : StoreListener(database.client, node: node)
        try await listener?.start { streams.heard($0) }
        let (events, continuation) = AsyncStream.makeStream(of: RelayEvent.self)
        self.events = events
        relay.listen(
            to: try await database.store.instanceName() + (channel ?? ""),
            receive: { streams.received($0) },
            report: { continuation.yield($0) }
        )
    }

    var publisher: RelayedPublisher { RelayedPublisher(streams, relay) }

    /// What becomes of the relay next.
    func nextEvent() async -> RelayEvent? {
        for await event in events { return event }
        return nil
    }

    /// Shows a stream to somebody from now on.
    func watch(_ stream: StreamName, of tenant: Tenant, filter: ViewFilter? = nil) async -> Shown {
        let shown = Shown()
        let request = AttachRequest(tenant: tenant.id, stream: stream, since: nil, filter: filter)
        await worker.run { worker in
            let watchers = worker.attachment(Watchers.self) ?? Watchers()
            let watcher = Watcher(shown)
            watchers.all.append(watcher)
            worker.attach(watchers)
            _ = worker.attachment(StreamHub.self)?.subscribe(request, watcher)
        }
        while !shown.now.isAttached { await worker.sleep(for: .milliseconds(1)) }
        return shown
    }

    /// Waits until somebody was shown a position.
    func wait(_ shown: Shown, until seq: Int64) async {
        while shown.now.position.seq < seq { await worker.sleep(for: .milliseconds(1)) }
    }

    func stop() async {
        await relay.close()
        await listener?.close()
        let workers = self.workers
        try? await TestDatabase.blockingPool.run { workers.shutDown() }
    }
}
