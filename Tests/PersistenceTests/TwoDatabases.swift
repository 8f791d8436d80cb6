import Domain
import Persistence
import Postgres
import TestSupport

/// Two databases with a tenant in each, and the store over both.
struct TwoDatabases {
    let first: TestDatabase
    let second: TestDatabase
    /// Lives in the first.
    let acme: Tenant
    /// Lives in the second.
    let bolt: Tenant
    let store: PlacedStore

    static let places = TenantPlaces(byName: ["bolt": 1], byID: [:])

    static func make(second: TestDatabase? = nil) async throws -> TwoDatabases {
        let first = try await TestDatabase.make()
        var other = second
        if other == nil { other = try await TestDatabase.make() }
        guard let other else { throw StoreError.unavailable("no second database") }
        let databases = [("first", first), ("second", other)].map { PlacedStore.Database(name: $0, store: $1.store) }
        return TwoDatabases(
            first: first,
            second: other,
            acme: try await first.makeTenant("acme", users: [.sample()]),
            bolt: try await other.makeTenant("bolt", users: [.sample()]),
            store: PlacedStore(databases, places: places)
        )
    }

    func move(_ places: TenantPlaces = Self.places) -> TenantMove {
        TenantMove(
            [("first", first), ("second", second)].map { TenantMove.Database(name: $0, owner: $1.owner) },
            places: places
        )
    }

    /// A flow of a tenant, with work to do on it unless that is not wanted.
    func makeFlow(_ tenant: Tenant, in store: (any Store)? = nil, isRunnable: Bool = true) async throws -> FlowID {
        let flow = Flow.sample()
        try await (store ?? self.store).transaction(as: tenant.id) { store in
            try await store.flows.insert(flow)
            if isRunnable { try await store.flows.enqueueWork(flow.id) }
        }
        return flow.id
    }

    static func count(_ table: String, in database: TestDatabase) async throws -> Int {
        try await database.owner.withConnection { session in
            try await session.query("SELECT count(*) AS n FROM signalbox.\(table)")[0].int("n")
        }
    }
}
