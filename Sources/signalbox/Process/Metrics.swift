import Events
import Flows
import Gateway
import Ledger
import Postgres
import Reactor
import Redis
import Relay
import Webhooks

extension Metric {
    /// The figures of a process's database connections, by the database's name.
    static func of(_ pools: [(database: String, metrics: PostgresMetrics)]) -> [Metric] {
        func each(_ figure: (PostgresMetrics) -> Int) -> [(String, Int)] {
            pools.map { ($0.database, figure($0.metrics)) }
        }
        func split(
            by label: String,
            _ figures: [(String, (PostgresMetrics) -> Int)]
        ) -> [([(label: String, value: String)], Int)] {
            pools.flatMap { pool in
                figures.map { value, figure in
                    ([(label: "database", value: pool.database), (label: label, value: value)], figure(pool.metrics))
                }
            }
        }
        return [
            Metric(
                "database_connections",
                .gauge,
                "Connections of the pools.",
                byLabels: split(by: "state", [("leased", { $0[.leased] }), ("idle", { $0[.idle] })])
            ),
            Metric(
                "database_waiting",
                .gauge,
                "Callers that wait for a connection.",
                by: "database",
                each { $0[.waiting] }
            ),
            Metric(
                "database_connects_total",
                .counter,
                "Attempts to connect.",
                byLabels: split(by: "outcome", [("made", { $0[.connected] }), ("failed", { $0[.notConnected] })])
            ),
            Metric(
                "database_lost_total",
                .counter,
                "Connections that ended by themselves.",
                by: "database",
                each { $0[.lost] }
            ),
            Metric(
                "database_waits_total",
                .counter,
                "Callers that waited for a connection.",
                by: "database",
                each { $0[.waited] }
            ),
            Metric(
                "database_wait_seconds_total",
                .counter,
                "How long they waited, all together.",
                by: "database",
                pools.map { ($0.database, Double($0.metrics[.waitedMicroseconds]) / 1e6) }
            ),
            Metric(
                "database_refused_total",
                .counter,
                "Callers that got no connection.",
                by: "database",
                each { $0[.refused] }
            ),
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

    /// The figures of what this process tells within itself.
    static func of(_ bus: EventBus) -> [Metric] {
        [
            Metric(
                "domain_events_total",
                .counter,
                "What happened, by its kind.",
                by: "kind",
                bus.told.map { ($0, $1) }
            ),
            Metric(
                "domain_events_missed_total",
                .counter,
                "Events that subscribers of this process were too slow for.",
                bus.missed
            ),
        ]
    }

    /// The figures of the flows this process runs.
    static func of(_ engine: FlowEngine, bodies: ElasticExecutor) -> [Metric] {
        let counters = engine.counters
        return [
            Metric("flows_running", .gauge, "Flows this process runs; those that wait do not count.", counters.running),
            Metric(
                "flow_leases_total",
                .counter,
                "Flows taken up, found to be another process's, and dropped to be taken up anew.",
                by: "outcome",
                [("taken", counters[.taken]), ("lost", counters[.lost]), ("dropped", counters[.dropped])]
            ),
            Metric(
                "steps_total",
                .counter,
                "Bodies of steps that were begun, and what came of them.",
                by: "outcome",
                [
                    ("begun", counters[.begun]), ("done", counters[.done]), ("suspended", counters[.suspended]),
                    ("failed", counters[.failed]), ("interrupted", counters[.interrupted]),
                    ("postponed", counters[.postponed]),
                ]
            ),
            Metric("step_threads", .gauge, "Threads for the bodies of steps.", bodies.threadCount),
            Metric("step_jobs_waiting", .gauge, "Parts of bodies that wait for a thread.", bodies.waitingCount),
        ]
    }

    /// The figures of messages to webhooks.
    static func of(_ deliverer: WebhookDeliverer) -> [Metric] {
        let counters = deliverer.counters
        return [
            Metric("webhook_deliveries_in_flight", .gauge, "Messages to webhooks under way.", deliverer.inFlight),
            Metric(
                "webhook_attempts_total",
                .counter,
                "What came of messages to webhooks: taken, to be tried again, given up, or the receiver is gone.",
                by: "outcome",
                [
                    ("delivered", counters[.delivered]), ("failed", counters[.failed]), ("dead", counters[.dead]),
                    ("gone", counters[.gone]),
                ]
            ),
        ]
    }

    /// The figures of runnable flows on their way to one process.
    static func of(_ relay: WorkRelay) -> [Metric] {
        let connections = relay.connections
        return [
            Metric("redis_work_connections", .gauge, "Connections for runnable flows, of two.", connections.open),
            Metric(
                "redis_work_total",
                .counter,
                "Runnable flows that were told to Redis, that Redis gave this node, and that it was not told of.",
                by: "outcome",
                [
                    ("sent", connections[.sent]), ("received", connections[.received]),
                    ("not_connected", connections[.notConnected]), ("queue_full", connections[.queueFull]),
                    ("refused", connections[.refused]),
                ]
            ),
        ]
    }

    /// The figures of the way to other processes.
    static func of(_ relay: CommitRelay) -> [Metric] {
        let (connections, counters) = (relay.connections, relay.counters)
        return [
            Metric("redis_connections", .gauge, "Connections that are signed in, of two.", connections.open),
            Metric(
                "redis_connects_total",
                .counter,
                "Connections made, and those that failed or ended by themselves.",
                by: "outcome",
                [("made", connections[.connected]), ("failed", connections[.failed])]
            ),
            Metric("redis_sent_total", .counter, "Commits sent to other nodes.", connections[.sent]),
            Metric(
                "redis_received_total",
                .counter,
                "Messages received, and what became of them; the rest were our own.",
                by: "outcome",
                [
                    ("all", connections[.received]), ("taken", counters[.taken]), ("malformed", counters[.malformed]),
                    ("unknown_version", counters[.unknownVersion]),
                ]
            ),
            Metric(
                "redis_dropped_total",
                .counter,
                "Commits that were not sent, and that other nodes read from the database.",
                by: "reason",
                [
                    ("not_connected", connections[.notConnected]), ("queue_full", connections[.queueFull]),
                    ("refused", connections[.refused]), ("too_large", counters[.tooLarge]),
                ]
            ),
        ]
    }
}
