import Domain
import FlowSupport
import Flows
import JSON
import Ledger
import Persistence
import Postgres
import TestSupport
import Testing

/// Flows that have lived for a while, and what is left of them when their first days are dropped.
@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed")) struct HistoryTests {
    private let bench: FlowBench
    private let now = Timestamp.now()
    private var store: PostgresStore { bench.database.store }

    init() async throws {
        let database = try await TestDatabase.make()
        try await database.beginPartitions(daysAgo: 30)
        bench = try await FlowBench(database, tenant: try await database.makeTenant(), registry: FlowRegistry())
    }

    private func create(daysAgo days: Int64) async throws -> FlowID {
        let flow = Flow.external(state: ["n": 0], at: now.daysEarlier(days))
        try await bench.ledger.create(flow, in: bench.tenant.id, by: "w") {
            $0.emit(["type": "STATE_SNAPSHOT", "snapshot": ["n": 0]])
        }
        return flow.id
    }

    private func set(_ n: Int, of id: FlowID, daysAgo days: Int64) async throws {
        try await bench.ledger.change(id, in: bench.tenant.id, by: "w", at: now.daysEarlier(days)) {
            try $0.setState(["n": JSON(n)])
        }
    }

    private func read<Result: Sendable>(_ body: @Sendable (any FlowRepository) async throws -> Result) async throws
        -> Result
    {
        try await store.transaction(as: bench.tenant.id, .snapshot) { try await body($0.flows) }
    }

    @Test func whatIsOlderThanWantedIsDroppedByWholeDays() async throws {
        let id = try await create(daysAgo: 40)
        for (n, days) in zip(1..., [40, 20, 9, 8, 6, 0] as [Int64]) { try await set(n, of: id, daysAgo: days) }
        #expect(try await read { try await $0.events(of: id, after: 0, limit: 99) }.map(\.seq) == Array(1...7))

        // Without a limit only the partitions of the time to come are made.
        let ahead = try await store.maintainHistory(HistoryPolicy(days: 0))
        #expect(ahead.made > 0 && ahead.dropped == 0)
        let again = try await store.maintainHistory(HistoryPolicy(days: 0))
        #expect(again.made == 0 && again.dropped == 0)
        #expect(try await read { try await $0.events(of: id, after: 0, limit: 99) }.map(\.seq) == Array(1...7))

        let work = try await store.maintainHistory(HistoryPolicy(days: 7))
        #expect(work.dropped > 0)
        let left = try await read { try await $0.events(of: id, after: 0, limit: 99) }.map(\.seq)
        #expect(left == Array((left.first ?? 0)...7) && (2...6).contains(left.first ?? 0), "\(left)")
        #expect(try await bench.flow(id).state == ["n": 6])
        await bench.stop()
    }

    /// Rows that had no partition are moved into the one that is made for them.
    @Test func dayByDayNothingElseGoes() async throws {
        let id = try await create(daysAgo: 40)
        for (n, days) in zip(1..., [40, 20, 9, 8, 6, 0] as [Int64]) { try await set(n, of: id, daysAgo: days) }
        let work = try await store.maintainHistory(HistoryPolicy(days: 7))
        // Three tables: 30 days, today, two days ahead; and all that ended at least seven days ago.
        #expect(work.made == 3 * 33 && work.dropped == 3 * 24)
        #expect(try await read { try await $0.events(of: id, after: 0, limit: 99) }.map(\.seq) == [6, 7])
        #expect(try await read { try await $0.events(of: id, after: 6, limit: 99) }.map(\.seq) == [7])
        await bench.stop()
    }

    @Test func whetherAllIsThereIsKnown() async throws {
        let id = try await create(daysAgo: 10)
        for days in [10, 5, 0] as [Int64] { try await set(Int(days) + 1, of: id, daysAgo: days) }
        let idle = try await create(daysAgo: 10)
        let whole = try await read { try await $0.eventBytes(of: id, after: 0) }
        #expect((whole ?? 0) > 0)
        _ = try await store.maintainHistory(HistoryPolicy(days: 7))
        let bytes = try await read { flows in
            [
                try await flows.eventBytes(of: id, after: 0), try await flows.eventBytes(of: id, after: 1),
                try await flows.eventBytes(of: idle, after: 0),
            ]
        }
        #expect(bytes == [nil, nil, nil])
        let rest = try await read { try await $0.eventBytes(of: id, after: 2) }
        #expect((rest ?? 0) > 0)
        #expect(try await read { try await $0.eventBytes(of: id, after: 4) } == 0)
        #expect(try await read { try await $0.eventBytes(of: idle, after: 1) } == 0)
        await bench.stop()
    }

    @Test func eachDayBeginsWithAState() async throws {
        let id = try await create(daysAgo: 3)
        for (n, days) in zip(1..., [3, 2, 2, 0] as [Int64]) { try await set(n, of: id, daysAgo: days) }
        let kept = try await read { flows in
            var kept: [FlowSnapshot] = []
            for seq in 1...5 as ClosedRange<Int64> {
                if let snapshot = try await flows.snapshot(of: id, upTo: seq, isWhole: true) { kept.append(snapshot) }
            }
            return kept
        }
        #expect(kept.map(\.seq) == [2, 2, 4, 4].prefix(kept.count).map { $0 })
        #expect(kept.map(\.state) == [["n": 1], ["n": 1], ["n": 3], ["n": 3]])
        #expect(kept.map(\.at) == [2, 2, 0, 0].map(now.daysEarlier))
        await bench.stop()
    }

    @Test func longHistoriesHaveStatesInBetween() async throws {
        let id = try await create(daysAgo: 0)
        try await bench.ledger.change(id, in: bench.tenant.id, by: "w", at: now) { draft in
            for n in 1...1500 { try draft.setState(["n": JSON(n)]) }
        }
        let kept = try await read { try await $0.snapshot(of: id, upTo: .max, isWhole: true) }
        let outside = try await bench.flow(id).outsideBeforeEvents
        #expect(kept == FlowSnapshot(seq: 1501, state: ["n": 1500], outside: outside, at: now))
        #expect(try await read { try await $0.snapshot(of: id, upTo: 1500, isWhole: false) } == nil)
        await bench.stop()
    }

    /// The clock of one node may be behind that of another.
    @Test func timeNeverGoesBackInAFlow() async throws {
        let id = try await create(daysAgo: 1)
        try await set(1, of: id, daysAgo: 0)
        try await set(2, of: id, daysAgo: 5)
        let flow = try await bench.flow(id)
        #expect(flow.updatedAt == now)
        #expect(try await read { try await $0.events(of: id, after: 0, limit: 9) }.map(\.seq) == [1, 2, 3])
        await bench.stop()
    }

    @Test func whoeverMaintainsCannotDropMoreThanIsAllowed() async throws {
        let client = bench.database.client
        for arguments: [PostgresValue] in [
            [.text("flow_events"), .text("1 hour"), .text("day")],
            [.text("flow_events"), .text("-7 days"), .text("day")],
            [.text("flow_events"), .null, .text("year")], [.text("flow_events"), .null, .null],
            [.text("audit_log"), .text("7 days"), .text("day")], [.null, .null, .text("day")],
        ] {
            await #expect(throws: PostgresError.self) {
                try await client.withConnection {
                    try await $0.query("SELECT signalbox.maintain_history($1, $2::interval, $3)", arguments)
                }
            }
        }
        await bench.stop()
    }

    @Test func severalMayMaintainAtOnce() async throws {
        let id = try await create(daysAgo: 40)
        try await set(1, of: id, daysAgo: 0)
        let work = try await withThrowingTaskGroup(of: HistoryWork.self) { [store] group in
            for _ in 0..<6 { group.addTask { try await store.maintainHistory(HistoryPolicy(days: 7)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(work.reduce(0) { $0 + $1.made } == 3 * 33)
        #expect(work.reduce(0) { $0 + $1.dropped } == 3 * 24)
        await bench.stop()
    }
}
