// Postgres: a client for PostgreSQL 15 over libpq, driven by the worker's epoll loop.
//
// What it is for: connections that never block a loop, a pool for each worker, transactions with a clear answer to "may I
// run this again?", and notifications. It must never know a table, a tenant or a flow.
//
// Start with `PostgresClient` (what other floors hold), then `PostgresSession` (what a transaction's body gets), then
// `PostgresPool` and `PostgresConnection`, which live on a loop and are not `Sendable`.
//
// Parameters are always bound: text, except `bytea` and `timestamptz`, which travel in binary. Results come in binary, so
// they depend on no session setting (`DateStyle`, `bytea_output`); a type without an accessor is cast in SQL (`::text`).

/// One SQL statement and the values bound to its `$1`, `$2` ….
public struct PostgresStatement: Sendable {
    /// The text, with `$n` in place of values.
    public let sql: String
    /// The values, `$1` first; at most 65,535.
    public let parameters: [PostgresValue]

    /// Creates a statement.
    public init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// What a transaction sees of others (PostgreSQL documentation, section 13.2).
public enum PostgresIsolation: Sendable, Hashable {
    /// Each statement sees what was committed before it began.
    case readCommitted
    /// All statements see the same snapshot.
    case repeatableRead
    /// As if transactions ran one after the other.
    case serializable

    var sql: String {
        switch self {
        case .readCommitted: "READ COMMITTED"
        case .repeatableRead: "REPEATABLE READ"
        case .serializable: "SERIALIZABLE"
        }
    }
}
