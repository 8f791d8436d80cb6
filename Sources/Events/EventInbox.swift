import DequeModule
import Domain
import Locking

/// Where the events of one subscriber wait.
protocol EventInbox: Sendable {
    /// Takes an event. False when there is no room: it counts as missed then.
    func offer(_ record: EventRecord) -> Bool
}

/// The events of one subscriber, and what it missed, in order; one task at a time hands them over.
final class TypedInbox<Event: DomainEvent>: EventInbox {
    private enum Item {
        case event(Event, EventOrigin)
        case missed(MissedEvents)
    }

    private struct State {
        var items: Deque<Item> = []
        var events = 0
        var isTaking = false
        var isClosed = false
    }

    private let limit: Int
    private let spawn: EventBus.Spawn
    private let missed: @Sendable (MissedEvents) async -> Void
    private let take: @Sendable (Event, EventOrigin) async -> Void
    private let state = Mutex(State())

    init(
        limit: Int,
        spawn: @escaping EventBus.Spawn,
        missed: @escaping @Sendable (MissedEvents) async -> Void,
        take: @escaping @Sendable (Event, EventOrigin) async -> Void
    ) {
        self.limit = limit
        self.spawn = spawn
        self.missed = missed
        self.take = take
    }

    func offer(_ record: EventRecord) -> Bool {
        guard let event = Event(record) else { return true }
        let origin = EventOrigin(record)
        let (hasRoom, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (true, false) }
            let hasRoom = state.events < limit
            if hasRoom {
                state.items.append(.event(event, origin))
                state.events += 1
            } else if case .missed(var missed) = state.items.last {
                missed.add(origin)
                state.items[state.items.count - 1] = .missed(missed)
            } else {
                state.items.append(.missed(MissedEvents(origin)))
            }
            defer { state.isTaking = true }
            return (hasRoom, !state.isTaking)
        }
        if isFirst { spawn { await self.takeAll() } }
        return hasRoom
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.items = []
        }
    }

    private func takeAll() async {
        while let item = next() {
            switch item {
            case .event(let event, let origin):
                await TenantContext.with(origin.tenant) { await take(event, origin) }
            case .missed(let missed): await self.missed(missed)
            }
        }
    }

    private func next() -> Item? {
        state.withLock { state in
            guard let item = state.items.popFirst() else {
                state.isTaking = false
                return nil
            }
            if case .event = item { state.events -= 1 }
            return item
        }
    }
}
