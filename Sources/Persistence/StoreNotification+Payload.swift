import Domain

extension StoreNotification {
    /// The longest payload, in bytes (PostgreSQL documentation, `NOTIFY`).
    private static let longestPayload = 7999

    /// The payload of `NOTIFY`: `s <tenant> <stream> <seq>`, `w`, `w <process>`, `b`, `d` or `r <tenant> <session>`.
    var payload: String {
        switch self {
        case .stream(let tenant, let stream, let seq): "s \(tenant) \(stream) \(seq)"
        case .work(nil): "w"
        case .work(let owner?): "w \(owner)"
        case .workGivenBack: "b"
        case .deliveries: "d"
        case .sessionRevoked(let tenant, let session): "r \(tenant) \(session)"
        case .cannotHear, .mayHaveMissed: ""
        }
    }

    /// The payloads for several streams of a tenant, as few as there can be: `s <tenant> <stream> <seq> <stream> <seq> …`.
    static func payloads(_ positions: [(stream: StreamName, seq: Int64)], of tenant: TenantID) -> [String] {
        var payloads: [String] = []
        var payload = ""
        for (stream, seq) in positions {
            let part = " \(stream.text) \(seq)"
            if payload.isEmpty || payload.utf8.count + part.utf8.count > longestPayload {
                if !payload.isEmpty { payloads.append(payload) }
                payload = "s \(tenant)"
            }
            payload += part
        }
        return payload.isEmpty ? payloads : payloads + [payload]
    }

    /// What a payload says; nothing for one that this version does not know.
    static func all(in payload: String) -> [StoreNotification] {
        let parts = payload.split(separator: " ", omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("s", 4...):
            guard let tenant = TenantID(parts[1]), parts.count.isMultiple(of: 2) else { return [] }
            return stride(from: 2, to: parts.count, by: 2).compactMap { index in
                guard let stream = StreamName(String(parts[index])), let seq = Int64(parts[index + 1]) else {
                    return nil
                }
                return .stream(tenant: tenant, stream: stream, seq: seq)
            }
        case ("w", 1):
            return [.work(of: nil)]
        case ("w", 2):
            return Int64(parts[1]).map { [.work(of: $0)] } ?? []
        case ("b", 1):
            return [.workGivenBack]
        case ("d", 1):
            return [.deliveries]
        case ("r", 3):
            guard let tenant = TenantID(parts[1]), let session = SessionID(parts[2]) else { return [] }
            return [.sessionRevoked(tenant: tenant, session: session)]
        default:
            return []
        }
    }
}
