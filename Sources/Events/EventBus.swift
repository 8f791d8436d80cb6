public import Domain
import Locking

/// Tells subscribers of this process what it commits, by type.
///
/// Each commit is heard of in the one process that made it, after it was made. Whoever must hear of everything, also of
/// what was committed while they were not there, reads the log or has a webhook. Telling never waits: what a subscriber
/// does not take in time it misses, and is told so.
public final class EventBus: Sendable {
    /// Starts a task of its own.
    public typealias Spawn = @Sendable (@escaping @Sendable () async -> Void) -> Void

    private struct State {
        var inboxes: [EventKind: [UInt64: any EventInbox]] = [:]
        var last: UInt64 = 0
        var told: [EventKind: Int] = [:]
        var missed = 0
    }

    private let spawn: Spawn
    private let state = Mutex(State())

    /// Events that wait for one subscriber unless it asks for another limit.
    public static let defaultLimit = 1024

    /// Creates a bus that nobody listens to.
    /// - Parameter spawn: starts the task in which a subscriber takes its events.
    public init(spawn: @escaping Spawn) { self.spawn = spawn }

    /// Has events of a type taken, one after the other in the order of each flow's log, for the tenant they belong to.
    ///
    /// - Parameters:
    ///   - limit: how many may wait (`limit`), at least 1; what comes then is missed.
    ///   - missed: is told what was missed, in its place among the others.
    ///   - take: takes an event. It runs on a loop, so it must not block; it may await.
    @discardableResult
    public func subscribe<Event: DomainEvent>(
        _ type: Event.Type,
        limit: Int = EventBus.defaultLimit,
        missed: @escaping @Sendable (MissedEvents) async -> Void,
        _ take: @escaping @Sendable (Event, EventOrigin) async -> Void
    ) -> EventSubscription {
        let inbox = TypedInbox<Event>(limit: max(1, limit), spawn: spawn, missed: missed, take: take)
        let number = state.withLock { state in
            state.last += 1
            state.inboxes[Event.kind, default: [:]][state.last] = inbox
            return state.last
        }
        return EventSubscription { [weak self] in
            inbox.close()
            self?.state.withLock { _ = $0.inboxes[Event.kind]?.removeValue(forKey: number) }
        }
    }

    /// Tells of a commit. Never blocks.
    public func publish(_ committed: Committed) {
        for record in committed.records {
            guard let kind = EventKind.of(record.entry) else { continue }
            let inboxes = state.withLock { state in
                state.told[kind.isCustom ? Self.anyCustom : kind, default: 0] += 1
                return state.inboxes[kind].map { $0.sorted { $0.key < $1.key }.map(\.value) } ?? []
            }
            let refused = inboxes.count { !$0.offer(record) }
            if refused > 0 { state.withLock { $0.missed += refused } }
        }
    }

    /// How many events of each kind were told, for metrics; those that flows define are counted together, as `custom`.
    public var told: [(kind: String, count: Int)] {
        let told = state.withLock(\.told)
        return (EventCatalogue.kinds + [Self.anyCustom]).map { ($0.rawValue, told[$0] ?? 0) }
    }

    /// How often a subscriber missed an event.
    public var missed: Int { state.withLock(\.missed) }

    private static let anyCustom = EventKind(rawValue: "custom")
}

/// Ends a subscription when asked to; otherwise it lasts as long as its bus.
public struct EventSubscription: Sendable {
    private let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) { self.end = end }

    /// Ends it: what still waits is not taken. What is being taken ends by itself.
    public func cancel() { end() }
}
