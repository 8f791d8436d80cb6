// Persistence: the domain's repositories over PostgreSQL.
//
// What it is for: all SQL of the product, the schema it needs, and the notifications by which processes wake each other.
// It must never know HTTP, WebSocket or who may do what: it keeps tenants apart and otherwise stores what it is given.
//
// Start with `PostgresStore`. Each aggregate has one type in one file; `Migrations` holds the schema, `Migrator` applies
// it. Tenants are kept apart three times: each transaction sets `app.tenant_id` and row-level security is forced on every
// table for the role the server takes on, every key carries the tenant, and every statement names it.

import Domain
import Postgres

/// Names in the database that are part of its contract with operators.
public enum DatabaseNames {
    /// The role every connection of the server takes on: owns nothing, bypasses nothing.
    public static let applicationRole = "signalbox_app"
    /// The role that owns the few functions that look across tenants.
    public static let directoryRole = "signalbox_directory"
    /// The schema everything is in.
    public static let schema = "signalbox"
    /// The channel of `NOTIFY`.
    static let channel = "signalbox"
}
