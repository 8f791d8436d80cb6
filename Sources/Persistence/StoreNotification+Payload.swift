import Domain

extension StoreNotification {
    /// The payload of `NOTIFY`: `s <tenant> <stream> <seq>`, `w` or `r <tenant> <session>`.
    var payload: String {
        switch self {
        case .stream(let tenant, let stream, let seq): "s \(tenant) \(stream) \(seq)"
        case .work: "w"
        case .sessionRevoked(let tenant, let session): "r \(tenant) \(session)"
        case .mayHaveMissed: ""
        }
    }

    /// Reads a payload; nil for one that this version does not know.
    init?(payload: String) {
        let parts = payload.split(separator: " ", omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("s", 4):
            guard let tenant = TenantID(parts[1]), let stream = StreamName(String(parts[2])), let seq = Int64(parts[3])
            else { return nil }
            self = .stream(tenant: tenant, stream: stream, seq: seq)
        case ("w", 1):
            self = .work
        case ("r", 3):
            guard let tenant = TenantID(parts[1]), let session = SessionID(parts[2]) else { return nil }
            self = .sessionRevoked(tenant: tenant, session: session)
        default:
            return nil
        }
    }
}
