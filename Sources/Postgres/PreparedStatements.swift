import CPQ

/// The statements that the server has prepared on one connection (PostgreSQL documentation, section 55.2.3): parsed and
/// analysed once, and planned once where the server finds that good enough.
struct PreparedStatements {
    /// A statement's text, and what its parameters are sent as.
    struct Key: Hashable {
        let sql: String
        let types: [Oid]
    }

    /// How a statement is to be sent.
    enum Use: Equatable {
        /// As text: it has not come before, and may never come again.
        case plain
        /// It is prepared under this name, and then executed.
        case prepare(name: String)
        /// It was prepared under this name.
        case execute(name: String)
    }

    /// What a connection prepares at most. The server keeps it all until the connection ends.
    static let limit = 256

    private var names: [Key: String] = [:]
    private var seenOnce: Set<Key> = []
    private var lastNumber = 0

    /// How the statement is sent now.
    mutating func use(_ key: Key) -> Use {
        if let name = names[key] { return .execute(name: name) }
        guard names.count < Self.limit else { return .plain }
        guard seenOnce.remove(key) != nil else {
            if seenOnce.count == 4 * Self.limit { seenOnce = [] }
            seenOnce.insert(key)
            return .plain
        }
        lastNumber += 1
        let name = "s\(lastNumber)"
        names[key] = name
        return .prepare(name: name)
    }

    /// The server does not have it, or will not execute it any more.
    mutating func forget(_ key: Key) { names[key] = nil }
}
