import Domain
import Persistence
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(1)))
struct WorkQueueTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    private func enqueue(_ tenant: Tenant) async throws -> FlowID {
        let flow = Flow.sample()
        try await tenants.store.transaction(as: tenant.id) { store in
            try await store.flows.insert(flow)
            try await store.flows.enqueueWork(flow.id)
        }
        return flow.id
    }

    private func listener(node: Int64) async throws -> StoreListener {
        let client = PostgresClient(
            tenants.database.configuration,
            options: PostgresStore.options(),
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        let listener = StoreListener(client, node: node)
        try await listener.start { _ in }
        return listener
    }

    @Test func workIsTakenOverFromTheDeadOnly() async throws {
        let store = tenants.store
        let alive = try await listener(node: 11)
        let doomed = try await listener(node: 22)
        let first = try await enqueue(tenants.a)
        #expect(try await store.claim(owner: 11, limit: 10).map(\.flow) == [first])
        let second = try await enqueue(tenants.b)
        let claimed = try await store.claim(owner: 22, limit: 10)
        #expect(claimed.map(\.flow) == [second] && claimed.map(\.tenant) == [tenants.b.id])
        #expect(try await store.claim(owner: 33, limit: 10).isEmpty)

        // Its process dies: the server ends its session, and the lock with it.
        let pid = try await tenants.database.owner.withConnection {
            try await $0.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 22")
        }[0].int64("pid")
        await doomed.close()
        try await tenants.database.owner.withConnection { session in
            while try await !session.query("SELECT FROM pg_stat_activity WHERE pid = $1", [.int(pid)]).isEmpty {}
        }
        #expect(try await store.claim(owner: 33, limit: 10).map(\.flow) == [second])
        let holds = try await store.transaction(as: tenants.b.id) { store in
            [
                try await store.flows.holdsWork(second, owner: 22), try await store.flows.finishWork(second, owner: 22),
                try await store.flows.holdsWork(second, owner: 33),
            ]
        }
        #expect(holds == [false, false, true])
        await alive.close()
    }

    @Test func claimantsAtTheSameTimeShareTheWork() async throws {
        var flows: Set<FlowID> = []
        for _ in 0..<20 { flows.insert(try await enqueue(tenants.a)) }
        let store = tenants.store
        // Each of them is alive for the others.
        var listeners: [StoreListener] = []
        for node in Int64(1)...4 { listeners.append(try await listener(node: node)) }
        let claims = try await withThrowingTaskGroup(of: [FlowID].self) { group in
            for node in Int64(1)...4 {
                group.addTask {
                    var mine: [FlowID] = []
                    while true {
                        let claimed = try await store.claim(owner: node, limit: 3)
                        if claimed.isEmpty { return mine }
                        mine += claimed.map(\.flow)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        // A claimant may find everything locked by the others for a moment and stop early: nothing is taken twice.
        let rest = try await store.claim(owner: 1, limit: 100).map(\.flow)
        #expect((claims + rest).count == 20)
        #expect(Set(claims + rest) == flows)
        for listener in listeners { await listener.close() }
    }

    @Test func whatIsAnnouncedMeanwhileIsLookedAtAgain() async throws {
        let store = tenants.store
        let tenant = tenants.a.id
        let flow = try await enqueue(tenants.a)
        _ = try await store.claim(owner: 5, limit: 1)
        try await store.transaction(as: tenant) { try await $0.flows.enqueueWork(flow) }
        #expect(try await store.transaction(as: tenant) { try await $0.flows.finishWork(flow, owner: 5) })
        #expect(try await store.claim(owner: 6, limit: 1).map(\.flow) == [flow])
        #expect(try await store.transaction(as: tenant) { try await $0.flows.finishWork(flow, owner: 6) })
        #expect(try await store.claim(owner: 7, limit: 1).isEmpty)
    }

    @Test func whatIsReleasedIsFree() async throws {
        let flow = try await enqueue(tenants.a)
        let listener = try await listener(node: 8)
        _ = try await tenants.store.claim(owner: 8, limit: 1)
        #expect(try await tenants.store.claim(owner: 9, limit: 1).isEmpty)
        try await tenants.store.release(owner: 8)
        #expect(try await tenants.store.claim(owner: 9, limit: 1).map(\.flow) == [flow])
        await listener.close()
    }
}
