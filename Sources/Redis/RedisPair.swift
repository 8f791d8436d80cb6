import Locking
import Reactor

/// What the two connections of a client tell.
enum RedisPairEvent {
    case connected
    case message([UInt8])
    case entries(Int)
    case disconnected(RedisError)
}

/// The two connections of a client on its loop: one that listens can send nothing (RESP2), and one that waits for entries
/// sends late.
final class RedisPair: RedisLinkOwner {
    private let core: RedisCore
    private unowned let registry: RedisRegistry
    private let room: () -> Int
    private let handler: @Sendable (RedisPairEvent) -> Void
    private let sending: RedisLink
    private var taking: RedisLink
    /// Where messages or entries come from, and are sent to.
    private(set) var source: RedisSession.Role
    /// Whether both are ready, as it was told last; nil while nothing was.
    private var isWhole: Bool?

    init(
        _ core: RedisCore,
        registry: RedisRegistry,
        source: RedisSession.Role,
        room: @escaping () -> Int,
        handler: @escaping @Sendable (RedisPairEvent) -> Void
    ) {
        self.core = core
        self.registry = registry
        self.source = source
        self.room = room
        self.handler = handler
        sending = RedisLink(.publishing, core, registry: registry)
        taking = RedisLink(source, core, registry: registry)
    }

    func connect() {
        for link in [sending, taking] {
            link.owner = self
            link.connect()
        }
    }

    /// Takes from elsewhere from now on.
    func move(to source: RedisSession.Role) {
        guard source != self.source else { return }
        self.source = source
        core.isWhole.store(false, ordering: .relaxed)
        taking.close()
        taking = RedisLink(source, core, registry: registry)
        taking.owner = self
        taking.connect()
    }

    func send(_ payload: [UInt8]) { sending.send(RedisSession.command(sending: payload, to: source)) }

    func close() {
        core.isOpen.store(false, ordering: .relaxed)
        core.isWhole.store(false, ordering: .relaxed)
        sending.close()
        taking.close()
    }

    func linkReady(_ link: RedisLink) {
        if link === sending { core.isOpen.store(true, ordering: .relaxed) }
        guard sending.isReady, taking.isReady else { return }
        core.isWhole.store(true, ordering: .relaxed)
        guard isWhole != true else { return }
        isWhole = true
        handler(.connected)
    }

    func linkMessage(_ payload: [UInt8]) { handler(.message(payload)) }

    func linkEntries(_ count: Int) { handler(.entries(count)) }

    func linkRoom() -> Int { room() }

    func linkFailed(_ link: RedisLink, _ error: RedisError) {
        if link === sending { core.isOpen.store(false, ordering: .relaxed) }
        core.isWhole.store(false, ordering: .relaxed)
        guard isWhole != false else { return }
        isWhole = false
        handler(.disconnected(error))
    }
}
