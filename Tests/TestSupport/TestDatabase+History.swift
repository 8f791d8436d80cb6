public import Domain
import Postgres

extension TestDatabase {
    /// Has the first partition of each table end so many days ago, so that there is something to drop. Nothing may have
    /// happened yet.
    public func beginPartitions(daysAgo days: Int) async throws {
        let bound = try await owner.withConnection {
            try await $0.query("SELECT (current_date - $1::integer)::text AS bound", [.int(days)])
        }
        let text = try bound.first?.string("bound") ?? ""
        for table in ["flow_events", "flow_snapshots", "view_changes"] {
            try await owner.withConnection {
                try await $0.script(
                    """
                    ALTER TABLE signalbox.\(table) DETACH PARTITION signalbox.\(table)_first;
                    ALTER TABLE signalbox.\(table) ATTACH PARTITION signalbox.\(table)_first
                        FOR VALUES FROM (MINVALUE) TO ('\(text) 00:00:00+00');
                    """
                )
            }
        }
    }
}

extension Timestamp {
    /// The same time so many days before.
    public func daysEarlier(_ days: Int64) -> Timestamp { adding(seconds: -days * 86_400) }
}
