import Locking
import Reactor

/// The two connections of a client on its loop: a connection that listens can publish nothing (RESP2).
final class RedisPair: RedisLinkOwner {
    private let core: RedisCore
    private unowned let registry: RedisRegistry
    private let handler: @Sendable (RedisEvent) -> Void
    private let publishing: RedisLink
    private var subscribing: RedisLink
    private(set) var channel: String
    /// Whether both are ready, as it was told last; nil while nothing was.
    private var isWhole: Bool?

    init(
        _ core: RedisCore,
        registry: RedisRegistry,
        channel: String,
        handler: @escaping @Sendable (RedisEvent) -> Void
    ) {
        self.core = core
        self.registry = registry
        self.channel = channel
        self.handler = handler
        publishing = RedisLink(.publishing, core, registry: registry)
        subscribing = RedisLink(.subscribing(channel: channel), core, registry: registry)
    }

    func connect() {
        for link in [publishing, subscribing] {
            link.owner = self
            link.connect()
        }
    }

    /// Listens elsewhere from now on.
    func move(to channel: String) {
        guard channel != self.channel else { return }
        self.channel = channel
        subscribing.close()
        subscribing = RedisLink(.subscribing(channel: channel), core, registry: registry)
        subscribing.owner = self
        subscribing.connect()
    }

    func publish(_ payload: [UInt8]) { publishing.publish(payload, on: channel) }

    func close() {
        core.isOpen.store(false, ordering: .relaxed)
        publishing.close()
        subscribing.close()
    }

    func linkReady(_ link: RedisLink) {
        if link === publishing { core.isOpen.store(true, ordering: .relaxed) }
        guard publishing.isReady, subscribing.isReady, isWhole != true else { return }
        isWhole = true
        handler(.connected)
    }

    func linkMessage(_ payload: [UInt8]) { handler(.message(payload)) }

    func linkFailed(_ link: RedisLink, _ error: RedisError) {
        if link === publishing { core.isOpen.store(false, ordering: .relaxed) }
        guard isWhole != false else { return }
        isWhole = false
        handler(.disconnected(error))
    }
}
