import Domain
import Persistence
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(2)))
struct PlacedStoreTests {
    @Test func transactionsGoToTheTenantsDatabase() async throws {
        let databases = try await TwoDatabases.make()
        _ = try await databases.makeFlow(databases.acme)
        _ = try await databases.makeFlow(databases.bolt)
        _ = try await databases.makeFlow(databases.bolt)
        #expect(try await TwoDatabases.count("flows", in: databases.first) == 1)
        #expect(try await TwoDatabases.count("flows", in: databases.second) == 2)
        #expect(databases.store.place(of: databases.acme.id) == 0)
        #expect(databases.store.place(of: databases.bolt.id) == 1)
    }

    @Test func namesAndIdsAreFoundInTheirPlaceOnly() async throws {
        let databases = try await TwoDatabases.make()
        let store = databases.store
        // Each has a row of the other's tenant, too: nobody must find it there.
        let owners = [TenantAdministration(databases.first.owner), TenantAdministration(databases.second.owner)]
        try await owners[0].provision(databases.bolt, users: [.sample(email: "eve@example.org")])
        let stray = try await owners[1].provision(Tenant(id: .generate(), name: "acme"), users: [])
        #expect(try await store.tenant(named: "acme") == databases.acme)
        #expect(try await store.tenant(named: "bolt") == databases.bolt)
        #expect(try await store.tenant(databases.acme.id) == databases.acme)
        #expect(try await store.tenant(databases.bolt.id) == databases.bolt)
        #expect(try await store.tenant(stray.id) == nil)
        #expect(try await store.tenant(named: "nobody") == nil)
        #expect(try await store.tenant(.generate()) == nil)
        let eve = try await store.transaction(as: databases.bolt.id, .snapshot) {
            try await $0.identity.user(email: "eve@example.org")
        }
        #expect(eve == nil)
        // What is listed, but is not there, is nowhere.
        store.move(to: TenantPlaces(byName: [:], byID: [databases.acme.id: 1]))
        #expect(try await store.tenant(named: "acme") == nil)
        #expect(try await store.tenant(databases.acme.id) == nil)
    }

    @Test func aTenantIsListedByItsIdAsWell() async throws {
        let databases = try await TwoDatabases.make()
        let byID = TenantPlaces(byName: [:], byID: [databases.bolt.id: 1])
        databases.store.move(to: byID)
        #expect(try await databases.store.tenant(named: "bolt") == databases.bolt)
        #expect(try await databases.store.tenant(named: "acme") == databases.acme)
        _ = try await databases.makeFlow(databases.bolt)
        #expect(try await TwoDatabases.count("flows", in: databases.second) == 1)
    }

    @Test func aMapThatWouldLoseATenantIsFoundOut() async throws {
        let databases = try await TwoDatabases.make()
        let store = databases.store
        #expect(try await store.missing(by: TwoDatabases.places) == [])
        #expect(try await store.missing(by: TenantPlaces(byName: ["bolt": 1, "acme": 1], byID: [:])) == ["acme"])
        #expect(try await store.missing(by: .single) == ["bolt"])
        #expect(try await store.missing(by: TenantPlaces(byName: ["bolt": 1, "later": 1], byID: [:])) == [])
    }

    @Test func workComesFromAllDatabasesInEqualParts() async throws {
        let databases = try await TwoDatabases.make()
        var flows: Set<FlowID> = []
        for _ in 0..<6 { flows.insert(try await databases.makeFlow(databases.acme)) }
        for _ in 0..<6 { flows.insert(try await databases.makeFlow(databases.bolt)) }
        let first = try await databases.store.claim(owner: 1, limit: 4)
        #expect(first.filter { $0.tenant == databases.bolt.id }.count == 2)
        #expect(first.count == 4)
        // What one has not, the other gives.
        for _ in 0..<3 { flows.insert(try await databases.makeFlow(databases.bolt)) }
        let rest = try await databases.store.claim(owner: 1, limit: 11)
        #expect(rest.count == 11)
        #expect(Set((first + rest).map(\.flow)) == flows)
        try await databases.store.release(owner: 1)
        #expect(try await databases.store.claim(owner: 2, limit: 100).count == 15)
    }

    @Test func workOfATenantInTheWrongDatabaseIsNotTaken() async throws {
        let databases = try await TwoDatabases.make()
        try await TenantAdministration(databases.first.owner).provision(databases.bolt, users: [])
        _ = try await databases.makeFlow(databases.bolt, in: databases.first.store)
        let own = try await databases.makeFlow(databases.acme)
        #expect(try await databases.store.claim(owner: 1, limit: 10).map(\.flow) == [own])
        let owned = try await databases.first.owner.withConnection { session in
            try await session.query("SELECT count(owner) AS n FROM signalbox.flow_work")[0].int("n")
        }
        #expect(owned == 1)
    }

    /// With a cluster of its own, which ends as by a crash.
    @Test func oneThatIsAwayDoesNotConcernTheOthers() async throws {
        let cluster = try PostgresCluster.another()
        let databases = try await TwoDatabases.make(second: try await TestDatabase.make(in: cluster))
        let store = databases.store
        _ = try await databases.makeFlow(databases.bolt)
        try cluster.stop()
        let begin = ContinuousClock.now
        let flow = try await databases.makeFlow(databases.acme)
        #expect(try await store.tenant(named: "acme") == databases.acme)
        // Nothing of this had to wait for the one that is away.
        #expect(ContinuousClock.now - begin < .seconds(5))
        let fresh = PlacedStore(store.databases, places: TwoDatabases.places)
        #expect(try await fresh.tenant(databases.acme.id) == databases.acme)
        #expect(try await store.claim(owner: 1, limit: 10).map(\.flow) == [flow])
        await #expect(throws: StoreError.self) { try await fresh.tenant(named: "bolt") }
        await #expect(throws: StoreError.self) { try await store.release(owner: 1) }
        // Once it is known nobody waits for it.
        store.note(1, isAway: true)
        let later = ContinuousClock.now
        #expect(try await store.claim(owner: 2, limit: 10).map(\.flow) == [flow])
        try await store.release(owner: 2)
        #expect(ContinuousClock.now - later < .seconds(5))
        // One that is known to be away is not even asked.
        store.use(1, false)
        await #expect(throws: StoreError.unavailable("the database second is not in use yet")) {
            try await databases.makeFlow(databases.bolt)
        }
    }
}
