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
        let taken = try #require(try await store.claim(owner: 33, limit: 10).first)
        #expect(taken.flow == second)
        // What the dead one may still write is refused, by the number of its lease.
        let stale = try #require(claimed.first)
        let wasWritten = try await store.transaction(as: tenants.b.id) { store in
            [
                try await store.flows.write(second, lease: stale.number, work: .giveBack(due: nil)),
                try await store.flows.write(second, lease: stale.number),
                try await store.flows.write(second, lease: taken.number),
            ]
        }
        #expect(wasWritten == [false, false, true])
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
        let first = try #require(try await store.claim(owner: 5, limit: 1).first)
        try await store.transaction(as: tenant) { try await $0.flows.enqueueWork(flow) }
        try await giveBack(first)
        let second = try #require(try await store.claim(owner: 6, limit: 1).first)
        #expect(second.flow == flow && second.number > first.number)
        try await giveBack(second)
        #expect(try await store.claim(owner: 7, limit: 1).isEmpty)
    }

    @Test func whoRunsAFlowIsToldToLookAgain() async throws {
        let store = tenants.store
        let flow = try await enqueue(tenants.a)
        let listener = try await listener(node: 5)
        let lease = try #require(try await store.claim(owner: 5, limit: 1).first)
        #expect(try await store.claim(owner: 5, limit: 1, patience: 60, held: nil).again == [])
        try await store.transaction(as: tenants.a.id) { try await $0.flows.enqueueWork(flow) }
        let work = try await store.claim(owner: 5, limit: 0, patience: 60, held: nil)
        #expect(work.again == [flow] && work.leases.isEmpty)
        // It was told, and gives the flow back.
        try await giveBack(lease)
        #expect(try await store.claim(owner: 5, limit: 9).isEmpty)
        await listener.close()
    }

    @Test func whatWaitsForATimeIsTakenThen() async throws {
        let store = tenants.store
        let flow = try await enqueue(tenants.a)
        let lease = try #require(try await store.claim(owner: 5, limit: 1).first)
        let due = Timestamp(microseconds: Timestamp.now().microseconds + 300_000_000)
        try await giveBack(lease, due: due)
        let work = try await store.claim(owner: 6, limit: 1, patience: 60, held: nil)
        #expect(work.leases.isEmpty && work.next == due)
        // Something comes before.
        try await store.transaction(as: tenants.a.id) { try await $0.flows.enqueueWork(flow) }
        let again = try #require(try await store.claim(owner: 6, limit: 1).first)
        try await giveBack(again, due: Timestamp(microseconds: Timestamp.now().microseconds - 1))
        #expect(try await store.claim(owner: 7, limit: 1).map(\.flow) == [flow])
    }

    @Test func whoDoesNotCallLosesItsWork() async throws {
        let store = tenants.store
        let flow = try await enqueue(tenants.a)
        // Both hold their locks: nothing but the time tells that the first one is stopped.
        let (stopped, alive) = (try await listener(node: 5), try await listener(node: 6))
        let lease = try #require(try await store.claim(owner: 5, limit: 1, patience: 0, held: nil).leases.first)
        let taken = try #require(try await store.claim(owner: 6, limit: 1).first)
        #expect(taken.flow == flow && taken.number > lease.number)
        let wasWritten = try await store.transaction(as: tenants.a.id) { store in
            try await store.flows.write(flow, lease: lease.number)
        }
        #expect(!wasWritten)
        #expect(try await store.claim(owner: 5, limit: 1).isEmpty)
        await stopped.close()
        await alive.close()
    }

    @Test func aLeaseThatNeverArrivedIsGivenAnew() async throws {
        let store = tenants.store
        let (first, second) = (try await enqueue(tenants.a), try await enqueue(tenants.b))
        let listener = try await listener(node: 5)
        let leases = try await store.claim(owner: 5, limit: 2)
        let known = try #require(leases.first { $0.flow == first })
        let work = try await store.claim(owner: 5, limit: 9, patience: 60, held: [known.number])
        #expect(work.leases.map(\.flow) == [second])
        #expect(try await store.claim(owner: 5, limit: 9).isEmpty)
        await listener.close()
    }

    @Test func aTenantWithMuchToDoLeavesRoomForTheOthers() async throws {
        for _ in 0..<30 { _ = try await enqueue(tenants.a) }
        for _ in 0..<3 { _ = try await enqueue(tenants.b) }
        let leases = try await tenants.store.claim(owner: 5, limit: 6)
        #expect(leases.count == 6)
        #expect(leases.filter { $0.tenant == tenants.b.id }.count == 3)
        // What one has not, the other may.
        #expect(try await tenants.store.claim(owner: 5, limit: 20).count == 20)
    }

    private func giveBack(_ lease: Lease, due: Timestamp? = nil) async throws {
        try await tenants.store.transaction(as: lease.tenant) { store in
            let isWritten = try await store.flows.write(
                lease.flow,
                lease: lease.number,
                work: .giveBack(due: due)
            )
            #expect(isWritten)
        }
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
