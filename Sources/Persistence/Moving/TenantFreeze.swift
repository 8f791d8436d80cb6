import Domain
import Postgres
import Reactor

/// Has a database refuse all changes of one tenant, and take them again.
///
/// A trigger needs a lock that waits for the end of all transactions that have written to the table, and that none who only
/// read notice. So when the freeze is committed, nothing of the tenant is under way any more, and nothing comes after it. All
/// tenants of the database wait for that moment: at most ``patience``, then it lets go and tries again.
struct TenantFreeze: Sendable {
    let tenant: TenantID
    let client: PostgresClient
    let database: String

    /// How long others may be made to wait.
    private static let patience = "500ms"
    private static let attempts = 40
    private static let pause = Duration.milliseconds(500)

    /// Freezes the tenant, whose rows need not be there yet. Tables that have their triggers are left as they are.
    /// - Parameter number: names the freeze where this is the tenant's place; nil for a copy to be made.
    func freeze(number: Int?) async throws {
        try await locking { session in
            let existing = Set(
                try await session.query(
                    """
                    SELECT format('%s %I', t.tgrelid::regclass, t.tgname) AS name FROM pg_trigger t
                    WHERE t.tgname IN ('frozen_' || $1, 'frozen_' || $1 || '_delete')
                    """,
                    [.text(tenant.text)]
                ).map { try $0.string("name") }
            )
            for table in try await TenantTables(session).tables {
                let triggers = [
                    (tenant.freezingTrigger, "INSERT OR UPDATE", "NEW"),
                    (tenant.freezingDeleteTrigger, "DELETE", "OLD"),
                ]
                for (name, events, row) in triggers where !existing.contains("\(table.name) \(name)") {
                    try await session.script(
                        """
                        CREATE TRIGGER \(name) BEFORE \(events) ON \(table.name) FOR EACH ROW
                        WHEN (\(row).\(table.owner) = '\(tenant)') EXECUTE FUNCTION signalbox.refuse_frozen('\(tenant)')
                        """
                    )
                }
            }
            if let number { try await session.script(numbering(number)) }
        }
    }

    /// Says in which freeze what is here was complete.
    func numbering(_ number: Int) -> String {
        "COMMENT ON TRIGGER \(tenant.freezingTrigger) ON \(DatabaseNames.schema).tenants IS '\(number)'"
    }

    /// Takes changes again.
    func thaw() async throws {
        try await locking { session in
            for table in try await TenantTables(session).tables {
                for name in [tenant.freezingTrigger, tenant.freezingDeleteTrigger] {
                    try await session.script("DROP TRIGGER IF EXISTS \(name) ON \(table.name)")
                }
            }
        }
    }

    /// Has sequences go on after these values: what is added later comes after what is copied.
    func raise(_ values: [(counter: TenantTables.Counter, last: Int64)]) async throws {
        for (counter, last) in values {
            try await locking { session in
                // Who adds a row has a lock on the table before it asks the sequence: nobody does at this moment.
                try await [counter.table].removably(session) {
                    try await session.script("LOCK TABLE \(counter.table.name) IN SHARE ROW EXCLUSIVE MODE")
                }
                _ = try await session.query(
                    "SELECT setval($1::text::regclass, greatest(last_value, $2::bigint)) FROM \(counter.sequence)",
                    [.text(counter.sequence), .int(last)]
                )
            }
        }
    }

    /// Runs `body` in a transaction that waits only briefly for locks, again when it did not get one.
    private func locking(_ body: (PostgresSession) async throws -> Void) async throws {
        for attempt in 1...Self.attempts {
            do {
                return try await client.transaction(
                    setup: tenant.context + [PostgresStatement("SET LOCAL lock_timeout = '\(Self.patience)'")],
                    body
                )
            } catch let error as PostgresError where error.kind == .lockNotAvailable || error.kind == .deadlock {
                guard attempt < Self.attempts else { break }
                await client.workers.local.sleep(for: Self.pause)
            }
        }
        throw TenantMoveError.noLock(database: database)
    }
}
