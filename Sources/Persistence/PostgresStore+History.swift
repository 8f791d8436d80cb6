import Postgres

/// How long what has happened is kept: events of flows, changes of lists, states of earlier days. The present state of a flow
/// is never dropped.
public struct HistoryPolicy: Sendable {
    /// The longest that can be asked for, in days.
    public static let maximumDays = 3650

    /// Days for which everything is kept at least; nil for ever.
    public let days: Int?

    /// Creates a policy; 0 days mean for ever.
    /// - Parameter days: 0 to ``maximumDays``.
    public init(days: Int) { self.days = days > 0 ? days : nil }

    /// The time that is dropped at once: little beside what is kept, and no more partitions than a reader of all of them can
    /// lock.
    var unit: String {
        switch days {
        case let days? where days <= 14: "day"
        case let days? where days <= 182: "week"
        default: "month"
        }
    }
}

/// What looking after the history did.
public struct HistoryWork: Sendable, Equatable {
    /// Partitions that were made for the time that comes.
    public fileprivate(set) var made = 0
    /// Partitions that were dropped.
    public fileprivate(set) var dropped = 0
    /// Answers under an `Idempotency-Key` that no longer count and were removed.
    public fileprivate(set) var forgotten = 0
    /// Deliveries to webhooks that are no longer kept and were removed.
    public fileprivate(set) var forgottenDeliveries = 0
}

extension PostgresStore {
    private static let tables = ["flow_events", "flow_snapshots", "view_changes"]
    /// Answers that are removed by one statement.
    private static let portion = 1000

    /// Makes the partitions of the time that comes and drops those in which everything is older than the policy wants. May be
    /// called by any number of processes, as often as they like.
    /// - Throws: ``StoreError``; `.unavailable` also where the table was in use for too long. What was done stays done.
    public func maintainHistory(_ policy: HistoryPolicy) async throws -> HistoryWork {
        var work = HistoryWork()
        for table in Self.tables {
            let rows = try await single(
                "SELECT made, dropped FROM signalbox.maintain_history($1, make_interval(days => $2::integer), $3)",
                [.text(table), policy.days.map(PostgresValue.int) ?? .null, .text(policy.unit)]
            )
            guard let row = rows.first else { continue }
            work.made += try row.int("made")
            work.dropped += try row.int("dropped")
        }
        var portion: Int
        repeat {
            let rows = try await single("SELECT signalbox.forget_answers($1) AS count", [.int(Self.portion)])
            portion = try rows.first?.int("count") ?? 0
            work.forgotten += portion
        } while portion == Self.portion
        repeat {
            portion = try await forgetDeliveries(portion: Self.portion)
            work.forgottenDeliveries += portion
        } while portion == Self.portion
        return work
    }
}
