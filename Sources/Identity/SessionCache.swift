import Domain
import Locking

/// A session, and where it lives.
struct SessionKey: Hashable, Sendable {
    let tenant: TenantID
    let session: SessionID
}

/// What is known of a session without asking the database.
enum SessionStanding: Sendable, Equatable {
    /// In force, as this person.
    case live(LiveSession)
    /// Not in force. Kept only when it was revoked: no session comes back from that.
    case ended
}

/// A session that is in force.
struct LiveSession: Sendable, Equatable {
    let user: UserID
    let cookieHash: [UInt8]
    let principal: Principal
}

/// The standings of the sessions seen lately, so that checking a token or cookie rarely costs a query, and a revoked
/// session is refused at once.
///
/// It is only a memory: an entry that was dropped for want of room is looked up again. What may never happen is that a
/// look-up, begun before a session was revoked, puts it back as live: a look-up takes a ``ticket`` first, and its result is
/// not kept when anything was revoked since.
final class SessionCache: Sendable {
    private struct Entry {
        let standing: SessionStanding
        let since: Timestamp
    }

    private struct State {
        var entries: GenerationalCache<SessionKey, Entry>
        var revocations: UInt64 = 0
    }

    private let lifetime: Int64
    private let state: Mutex<State>

    /// Believes a live session for `lifetime` seconds, remembers at most `capacity` of them.
    init(lifetime: Int64, capacity: Int) {
        self.lifetime = lifetime
        state = Mutex(State(entries: GenerationalCache(capacity: capacity)))
    }

    /// Taken before a look-up, given back with its result.
    var ticket: UInt64 { state.withLock { $0.revocations } }

    var count: Int { state.withLock { $0.entries.count } }

    /// The standing, or nil when the database must be asked.
    func standing(of key: SessionKey, now: Timestamp) -> SessionStanding? {
        state.withLock { state in
            guard let entry = state.entries.value(for: key) else { return nil }
            guard case .live(let live) = entry.standing else { return .ended }
            guard now < live.principal.expiresAt else { return .ended }
            // Both ends are checked: a clock that was set back must not make an entry last.
            let isFresh = entry.since <= now && now < entry.since.adding(seconds: lifetime)
            return isFresh ? entry.standing : nil
        }
    }

    /// Keeps the result of a look-up that began with `ticket`.
    func keep(_ standing: SessionStanding, of key: SessionKey, ticket: UInt64, now: Timestamp) {
        state.withLock { state in
            guard standing == .ended || ticket == state.revocations else { return }
            state.entries.set(Entry(standing: standing, since: now), for: key)
        }
    }

    /// The session was revoked.
    func revoke(_ key: SessionKey) {
        state.withLock { state in
            state.revocations &+= 1
            state.entries.set(Entry(standing: .ended, since: Timestamp(microseconds: 0)), for: key)
        }
    }

    /// A revocation may have been missed: nothing is believed any more, but that what ended has ended.
    func forgetLive() {
        state.withLock { state in
            state.revocations &+= 1
            state.entries.filter { $0.standing == .ended }
        }
    }
}
