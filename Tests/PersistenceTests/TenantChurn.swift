import Domain
import Persistence
import Postgres
import PropertySupport
import Reactor
import TestSupport

/// One task's random work, now as one tenant and now as the other. Whatever is read must be the tenant's own.
struct TenantChurn {
    /// How a transaction comes to its end.
    enum End: CaseIterable, Sendable {
        case commit
        case snapshot
        /// Changes of several flows are committed at once, without a body.
        case together
        /// The body throws.
        case thrown
        /// A statement breaks a constraint.
        case violation
        /// A statement breaks a constraint, and the body goes on as if it had not.
        case hiddenViolation
        /// The task is cancelled between two statements.
        case cancelled
        /// The task is cancelled during a statement.
        case stopped
        /// A statement runs for too long.
        case timeout
        /// There is no tenant.
        case bare
    }

    struct Leak: Error, CustomStringConvertible {
        let description: String
    }

    private struct Refusal: Error {}

    private let client: PostgresClient
    private let store: PostgresStore
    private let tally: Tally
    private var random: SeededGenerator
    private var stocks: [TenantStock]

    /// A statement that is run with a tenant and without.
    private static let bareQuery = "SELECT created_by FROM signalbox.flows LIMIT 3"
    private static let setup = "SELECT set_config('app.tenant_id', $1, true)"

    init(_ client: PostgresClient, _ tenants: [Tenant], number: Int, seed: UInt64, _ tally: Tally) {
        self.client = client
        self.tally = tally
        store = PostgresStore(client)
        random = SeededGenerator(seed: seed)
        stocks = tenants.map { TenantStock($0, task: number) }
    }

    /// Runs one transaction.
    mutating func turn() async throws {
        let end = pickEnd()
        let index = Int.random(in: 0...1, using: &random)
        tally.note(end)
        switch end {
        case .commit, .snapshot, .thrown, .violation, .hiddenViolation:
            let result = try await run(end, index)
            if end == .commit || end == .snapshot {
                stocks[index] = try result.get().newest
            } else {
                try expect(result, end)
            }
        case .cancelled:
            let (own, other, store, tally, seed) = (stocks[index], stocks[1 - index], store, tally, random.next())
            let task = Task(executorPreference: client.workers.workers[0].taskExecutor) {
                try await Self.run(.cancelled, own, other, store, tally, seed: seed)
            }
            try expect(try await task.value, end)
        case .together: try await commitTogether(index)
        case .stopped: try await stop(index)
        case .timeout: try await overrun(index)
        case .bare: try await goBare()
        }
    }

    private mutating func pickEnd() -> End {
        switch Int.random(in: 0..<1000, using: &random) {
        case ..<400: .commit
        case ..<440: .together
        case ..<730: .snapshot
        case ..<790: .thrown
        case ..<830: .violation
        case ..<860: .hiddenViolation
        case ..<890: .cancelled
        case ..<895: .stopped
        case ..<900: .timeout
        default: .bare
        }
    }

    private mutating func run(_ end: End, _ index: Int) async throws -> Result<TenantStock, any Error> {
        try await Self.run(end, stocks[index], stocks[1 - index], store, tally, seed: random.next())
    }

    /// Runs a transaction of a few steps. All of its choices follow from the seed, as it may be run twice.
    /// - Returns: what the tenant has afterwards, or the error it ended with.
    private static func run(
        _ end: End,
        _ own: TenantStock,
        _ other: TenantStock,
        _ store: PostgresStore,
        _ tally: Tally,
        seed: UInt64
    ) async throws -> Result<TenantStock, any Error> {
        do {
            let mode = end == .snapshot ? TransactionMode.snapshot : .write
            let stock = try await store.transaction(as: own.tenant.id, mode) { transaction in
                var work = TenantWork(own, other, transaction, mayWrite: end != .snapshot, seed: seed)
                defer { tally.add(work.operations) }
                try await work.run()
                switch end {
                case .thrown: throw Refusal()
                case .violation: try await work.violate()
                case .hiddenViolation:
                    try? await work.violate()
                    try? await work.run()
                case .cancelled:
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await work.run()
                default: break
                }
                return work.own
            }
            return .success(stock)
        } catch let leak as Leak {
            throw leak
        } catch {
            return .failure(error)
        }
    }

    private func expect(_ result: Result<TenantStock, any Error>, _ end: End) throws {
        switch (end, result) {
        case (.thrown, .failure(is Refusal)), (.violation, .failure(StoreError.duplicate)),
            (.hiddenViolation, .failure(is StoreError)), (.cancelled, .failure(is CancellationError)):
            break
        default: throw Leak(description: "\(end) ended with \(result)")
        }
    }

    /// Of two tenants' flows, both as they are, only the committing tenant's is written.
    private mutating func commitTogether(_ index: Int) async throws {
        var changes: [FlowChange] = []
        // Without news for the list it is one round trip.
        let isListed = Bool.random(using: &random)
        for stock in [stocks[index], stocks[1 - index]] {
            guard let flow = stock.flows.randomElement(using: &random) else { return }
            let records = try await store.transaction(as: stock.tenant.id, .snapshot) { transaction in
                try await transaction.flows.records(of: [flow], locked: false)
            }
            changes += records.map { FlowChange(after: $0, of: stock.tenant.name, isListed: isListed) }
        }
        let receipt = try await store.commit(changes, of: stocks[index].tenant.id, as: .generate())
        tally.add(3)
        guard changes.count == 2, receipt.flows == [changes[0].flow.id],
            receipt.lines.map(\.item) == (isListed ? [stocks[index].tenant.name] : [])
        else { throw Leak(description: "\(stocks[index].tenant.name) has written \(receipt)") }
    }

    /// A statement that is stopped while it runs, or just before.
    private func stop(_ index: Int) async throws {
        let (client, tenant) = (client, stocks[index].tenant)
        let (starts, starting) = AsyncStream.makeStream(of: Void.self)
        let task = Task(executorPreference: client.workers.workers[0].taskExecutor) {
            defer { starting.finish() }
            try await client.transaction(setup: [PostgresStatement(Self.setup, [.text(tenant.id.text)])]) { session in
                try Self.check(try await session.query(Self.bareQuery), tenant)
                starting.yield()
                _ = try await session.query("SELECT pg_sleep(20)")
            }
        }
        for await _ in starts { break }
        task.cancel()
        try await expect(.cancelled) { try await task.value }
        tally.add(2)
    }

    private func overrun(_ index: Int) async throws {
        let (client, tenant) = (client, stocks[index].tenant)
        try await expect(.timeout) {
            try await client.transaction(setup: [PostgresStatement(Self.setup, [.text(tenant.id.text)])]) { session in
                try Self.check(try await session.query(Self.bareQuery), tenant)
                _ = try await session.query("SET LOCAL statement_timeout = 1")
                _ = try await session.query("SELECT pg_sleep(20)")
            }
        }
        tally.add(3)
    }

    /// Whoever had the connection before: it has no tenant now, inside a transaction or out of one.
    private func goBare() async throws {
        try await client.withConnection { session in
            let rows = try await session.query("SELECT coalesce(current_setting('app.tenant_id', true), '') AS tenant")
            let tenant = try rows[0].string("tenant")
            guard tenant.isEmpty else { throw Leak(description: "the connection still has the tenant \(tenant)") }
            try await Self.checkNothing(session)
        }
        // What a refused statement leaves of its transaction is rolled back by the pool.
        try await client.withConnection { session in
            _ = try await session.query("BEGIN")
            try await Self.checkNothing(session)
        }
        tally.add(4)
    }

    private static func checkNothing(_ session: PostgresSession) async throws {
        do {
            let rows = try await session.query(bareQuery)
            guard rows.isEmpty else { throw Leak(description: "\(rows.count) rows without a tenant") }
        } catch let error as PostgresError {
            guard ["42704", "22P02"].contains(error.sqlState) else { throw error }
        }
    }

    private static func check(_ rows: PostgresRows, _ tenant: Tenant) throws {
        for row in rows where try row.string("created_by") != tenant.name {
            throw Leak(description: "\(tenant.name) sees a flow of \(try row.string("created_by"))")
        }
    }

    private func expect(_ kind: PostgresError.Kind, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as PostgresError where error.kind == kind {
            return
        }
        throw Leak(description: "it should have ended with \(kind)")
    }
}
