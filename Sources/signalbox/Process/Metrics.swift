import Gateway
import Ledger
import Postgres

extension Metric {
    /// The figures of a process's database connections.
    static func of(_ pool: PostgresMetrics) -> [Metric] {
        [
            Metric(
                "database_connections",
                .gauge,
                "Connections of the pools.",
                by: "state",
                [("leased", pool[.leased]), ("idle", pool[.idle])]
            ),
            Metric("database_waiting", .gauge, "Callers that wait for a connection.", pool[.waiting]),
            Metric(
                "database_connects_total",
                .counter,
                "Attempts to connect.",
                by: "outcome",
                [("made", pool[.connected]), ("failed", pool[.notConnected])]
            ),
            Metric("database_lost_total", .counter, "Connections that ended by themselves.", pool[.lost]),
            Metric("database_waits_total", .counter, "Callers that waited for a connection.", pool[.waited]),
            Metric(
                "database_wait_seconds_total",
                .counter,
                "How long they waited, all together.",
                Double(pool[.waitedMicroseconds]) / 1e6
            ),
            Metric("database_refused_total", .counter, "Callers that got no connection.", pool[.refused]),
        ]
    }

    /// The figures of what a process writes.
    static func of(_ ledger: Ledger) -> [Metric] {
        [
            Metric("writes_waiting", .gauge, "Writes that wait for their turn.", ledger.waiting),
            Metric("commits_total", .counter, "Commits of flows.", ledger.counters[.committed]),
            Metric("flow_changes_total", .counter, "Flows they changed.", ledger.counters[.changed]),
            Metric(
                "flow_conflicts_total",
                .counter,
                "Flows that another process had changed first.",
                ledger.counters[.overtaken]
            ),
            Metric(
                "commits_lost_total",
                .counter,
                "Commits whose answer was lost, and those of them that turned out to have happened.",
                by: "outcome",
                [("lost", ledger.counters[.lost]), ("found", ledger.counters[.found])]
            ),
        ]
    }
}
