import Domain

/// Something that lasts and must end with the session that opened it.
protocol SessionBound: AnyObject {
    /// The session was revoked.
    func sessionRevoked()
}

/// What is open on one loop, by session.
final class LocalSessions {
    struct Key: Hashable, Sendable {
        let tenant: TenantID
        let session: SessionID
    }

    private var open: [Key: [any SessionBound]] = [:]

    func add(_ bound: any SessionBound, to key: Key) { open[key, default: []].append(bound) }

    func remove(_ bound: any SessionBound, from key: Key) {
        open[key]?.removeAll { $0 === bound }
        if open[key]?.isEmpty == true { open[key] = nil }
    }

    func revoke(_ key: Key) {
        for bound in open.removeValue(forKey: key) ?? [] { bound.sessionRevoked() }
    }
}

extension Principal {
    /// Under which the caller's open connections are found; nil for a caller without a session.
    var sessionKey: LocalSessions.Key? { session.map { LocalSessions.Key(tenant: tenant.id, session: $0) } }
}
