import Domain
import JSON
import Locking
import Persistence
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(1)))
struct StoreTests {
    let tenants: TwoTenants

    init() async throws { tenants = try await .make() }

    private struct Refusal: Error {}

    /// Counts runs of a transaction's body.
    private final class Runs: Sendable {
        let count = Atomic(0)
        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }

    @Test func notificationsFollowTheCommit() async throws {
        let listener = StoreListener(tenants.database.client)
        let (events, continuation) = AsyncStream.makeStream(of: StoreNotification.self)
        try await listener.start { continuation.yield($0) }
        let tenant = tenants.a.id
        let flow = Flow.sample()
        let store = tenants.store
        let event = FlowEvent(seq: 1, event: ["type": "CUSTOM"], patch: nil, digest: nil)
        await #expect(throws: Refusal.self) {
            try await store.transaction(as: tenant) { store in
                _ = try await store.views.append(.flows, item: "never", after: [:])
                throw Refusal()
            }
        }
        let session = try await store.transaction(as: tenant) { store in
            try await store.flows.insert(flow)
            _ = try await store.flows.append([event], to: flow)
            _ = try await store.views.append(.flows, item: "i", after: [:])
            _ = try await store.views.append(.prompts, item: "i", after: [:])
            try await store.flows.enqueueWork(flow.id)
            let user = try #require(try await store.identity.user(email: "ada@example.org"))
            let session = Session.sample(of: user.id)
            try await store.identity.insert(session)
            _ = try await store.identity.revoke(session.id, at: .sample)
            return session
        }
        var received: [StoreNotification] = []
        for await event in events {
            received.append(event)
            if received.count == 5 { break }
        }
        #expect(
            received == [
                .stream(tenant: tenant, stream: .flow(flow.id), seq: 1),
                .stream(tenant: tenant, stream: .flows, seq: 1),
                .stream(tenant: tenant, stream: .prompts, seq: 1), .work(of: nil),
                .sessionRevoked(tenant: tenant, session: session.id),
            ]
        )
        await listener.close()
    }

    @Test func aLostListenerComesBackAndSaysSo() async throws {
        let client = PostgresClient(
            tenants.database.configuration,
            options: PostgresStore.options(),
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        let listener = StoreListener(client)
        let (events, continuation) = AsyncStream.makeStream(of: StoreNotification.self)
        try await listener.start { continuation.yield($0) }
        let ended = try await tenants.database.owner.withConnection { session in
            try await session.query(
                """
                SELECT pg_terminate_backend(pid) AS is_ended FROM pg_locks WHERE locktype = 'advisory'
                AND (classid::bigint << 32 | objid::bigint) = $1
                """,
                [.int(listener.node)]
            )
        }
        #expect(try ended.map { try $0.bool("is_ended") } == [true])
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == .cannotHear)
        #expect(await iterator.next() == .mayHaveMissed)
        let flow = Flow.sample()
        try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            try await store.flows.enqueueWork(flow.id)
        }
        #expect(await iterator.next() == .work(of: nil))
        await listener.close()
    }

    @Test func aListenerEndsTheConnectionThatTheServerStillTakesForIts() async throws {
        let node = Int64.random(in: 1...Int64.max)
        try await tenants.database.owner.withConnection { session in
            // As after a network that went without a word: the server holds on to the session and its lock.
            _ = try await session.query("SELECT pg_advisory_lock($1)", [.int(node)])
            let listener = StoreListener(tenants.database.client, node: node)
            try await listener.start { _ in }
            let error = await #expect(throws: PostgresError.self) { try await session.query("SELECT 1") }
            #expect(error?.kind == .connectionLost || error?.kind == .unknownOutcome)
            await listener.close()
        }
    }

    @Test func whatTheDatabaseRefusesForWantOfRoomIsNoFaultOfTheCaller() async throws {
        let store = tenants.store
        #expect(!store.trouble.happened(within: .seconds(60)))
        try await tenants.database.owner.withConnection { session in
            try await session.script(
                """
                CREATE FUNCTION signalbox.is_full() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;
                CREATE TRIGGER is_full BEFORE INSERT ON signalbox.flows EXECUTE FUNCTION signalbox.is_full();
                """
            )
        }
        await #expect(throws: StoreError.unavailable("the database takes no changes at present (SQLSTATE 53100)")) {
            try await store.transaction(as: tenants.a.id) { try await $0.flows.insert(.sample()) }
        }
        #expect(store.trouble.happened(within: .seconds(60)))
    }

    @Test func aListenerThatCannotConnectThrows() async throws {
        let client = PostgresClient(
            try PostgresConfiguration("postgresql:///x?host=/nonexistent-folder"),
            workers: TestDatabase.workers,
            blockingPool: TestDatabase.blockingPool
        )
        await #expect(throws: StoreError.self) { try await StoreListener(client).start { _ in } }
    }

    @Test func deadlocksAreRunAgain() async throws {
        let store = tenants.store
        let tenant = tenants.a.id
        let flows = [Flow.sample(), Flow.sample()]
        try await store.transaction(as: tenant) { store in for flow in flows { try await store.flows.insert(flow) } }
        let runs = Runs()
        let bothHold = Barrier()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for order in [[0, 1], [1, 0]] {
                group.addTask {
                    try await store.transaction(as: tenant) { store in
                        let isFirstRun = runs.next() <= 2
                        _ = try await store.flows.find(flows[order[0]].id, locked: true)
                        if isFirstRun { await bothHold.wait(for: 2) }
                        _ = try await store.flows.find(flows[order[1]].id, locked: true)
                    }
                }
            }
            try await group.waitForAll()
        }
        // One of the two is the victim; its second run may overtake the other's wake-up and meet it again.
        #expect((3...6).contains(runs.count.load(ordering: .relaxed)))
    }

    @Test func aConnectionLostInMidTransactionIsMadeUpFor() async throws {
        let runs = Runs()
        let owner = tenants.database.owner
        let flow = Flow.sample()
        try await tenants.store.transaction(as: tenants.a.id) { store in
            try await store.flows.insert(flow)
            guard runs.next() == 1 else { return }
            try await owner.withConnection { session in
                _ = try await session.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND state = 'idle in transaction'
                    """
                )
            }
            // A statement before the commit: what is lost with the commit itself must not be run again.
            _ = try await store.flows.find(flow.id, locked: false)
        }
        #expect(runs.count.load(ordering: .relaxed) == 2)
        let found = try await tenants.store.transaction(as: tenants.a.id, .snapshot) {
            try await $0.flows.find(flow.id, locked: false)
        }
        #expect(found == flow)
    }

    @Test func aSnapshotSeesOnePictureAndWritesNothing() async throws {
        let store = tenants.store
        let tenant = tenants.a.id
        let counts = try await store.transaction(as: tenant, .snapshot) { snapshot in
            let before = try await snapshot.views.position(of: .flows).seq
            try await store.transaction(as: tenant) {
                _ = try await $0.views.append(.flows, item: "i", after: [:])
            }
            return [before, try await snapshot.views.position(of: .flows).seq]
        }
        #expect(counts == [0, 0])
        await #expect(throws: StoreError.self) {
            try await store.transaction(as: tenant, .snapshot) { try await $0.flows.insert(.sample()) }
        }
    }

    @Test func aCancelledTaskGetsACancellationError() async throws {
        let store = tenants.store
        let tenant = tenants.a.id
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.transaction(as: tenant) { _ = try await $0.views.position(of: .flows) }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

/// Holds its callers until enough have come.
private actor Barrier {
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            guard waiting.count == count else { return }
            waiting.forEach { $0.resume() }
        }
    }
}
