public import Domain
import Locking

/// The store over several databases: each tenant lives in one of them, as a map says that can change while the process
/// runs.
///
/// A tenant is in a database when its row is there *and* the map says so. What a database has of a tenant that lives
/// elsewhere counts as not there: nothing of it is read or written.
public final class PlacedStore: Store {
    /// One of the databases.
    public struct Database: Sendable {
        /// As the map calls it.
        public let name: String
        /// What is in it.
        public let store: PostgresStore

        /// Creates the value.
        public init(name: String, store: PostgresStore) {
            self.name = name
            self.store = store
        }
    }

    private struct State {
        var places: TenantPlaces
        /// What was found in its place, since the map was last changed.
        var found: [TenantID: (tenant: Tenant, place: Int)] = [:]
        /// Databases that are not used: nobody has looked yet whether they may be.
        var closed: Set<Int> = []
        /// Databases that are not asked for work: they would not answer in time.
        var away: Set<Int> = []
    }

    /// All databases; the first is that of the tenants that are not listed.
    public let databases: [Database]
    private let state: Mutex<State>

    /// The most tenants whose place is remembered: then all are looked up again.
    private static let capacity = 100_000

    /// Creates a store over at least one database.
    public init(_ databases: [Database], places: TenantPlaces) {
        precondition(!databases.isEmpty)
        self.databases = databases
        state = Mutex(State(places: places))
    }

    /// The map.
    public var tenantPlaces: TenantPlaces { state.withLock(\.places) }

    /// Changes the map. What runs already ends where it began: a tenant must take no changes while its place changes.
    public func move(to places: TenantPlaces) {
        state.withLock { state in
            state.places = places
            state.found = [:]
        }
    }

    /// Whether a database is used. One that is not is as good as away.
    public func use(_ place: Int, _ isUsed: Bool) {
        state.withLock { state in
            if isUsed { state.closed.remove(place) } else { state.closed.insert(place) }
        }
    }

    /// Takes whether a database is away. Work of the others is not kept waiting for it then; transactions wait, and take their
    /// chance that it comes back.
    public func note(_ place: Int, isAway: Bool) {
        state.withLock { state in
            if isAway { state.away.insert(place) } else { state.away.remove(place) }
        }
    }

    /// Which database a tenant lives in.
    public func place(of tenant: Tenant) -> Int { state.withLock { $0.places.place(of: tenant) } }

    // MARK: Transactions

    /// How many databases there are.
    public var places: Int { databases.count }

    /// Which database a tenant lives in; the first, as long as the map goes by a name that is not known yet.
    public func place(of tenant: TenantID) -> Int {
        if databases.count == 1 { return 0 }
        return state.withLock { $0.places.place(of: tenant) ?? $0.found[tenant]?.place } ?? 0
    }

    /// Runs `body` in a transaction in the tenant's database. What is not there has no rows.
    /// - Throws: ``StoreError``, `NoTenant`, or what `body` throws.
    public func transaction<Result: Sendable>(
        _ mode: TransactionMode,
        _ body: @Sendable (any StoreTransaction) async throws -> Result
    ) async throws -> Result {
        try await store(of: try TenantContext.current).transaction(mode, body)
    }

    /// Commits changes of several flows in the tenant's database.
    public func commit(_ changes: [FlowChange], as id: CommitID) async throws -> CommitReceipt {
        try await store(of: try TenantContext.current).commit(changes, as: id)
    }

    /// Pages of events from the tenant's database.
    public func events(_ queries: [EventQuery], limit: Int, bytes: Int) async throws -> [[FlowEvent]] {
        try await store(of: try TenantContext.current).events(queries, limit: limit, bytes: bytes)
    }

    private func store(of tenant: TenantID) async throws -> PostgresStore {
        if databases.count == 1 { return databases[0].store }
        if let place = state.withLock({ $0.found[tenant]?.place }) { return try store(at: place) }
        // A tenant that is nowhere has nothing in the first database either.
        return try store(at: try await find(tenant)?.place ?? 0)
    }

    // MARK: Finding

    /// A tenant in its place, as it was found there.
    /// - Throws: ``StoreError/unavailable(_:)`` when a database that may have it does not answer.
    func find(_ id: TenantID) async throws -> (tenant: Tenant, place: Int)? {
        if let known = state.withLock({ $0.found[id] }) { return known }
        let (places, likely) = state.withLock { ($0.places, $0.places.place(of: id)) }
        let candidates = likely.map { [$0] } ?? Array(databases.indices)
        let found = try await first(of: candidates, places) { try await $0.tenant(id) }
        return keep(found, places)
    }

    /// A tenant by its name, in its place.
    func find(named name: String) async throws -> (tenant: Tenant, place: Int)? {
        let places = tenantPlaces
        let found = try await first(of: places.candidates(named: name), places) { try await $0.tenant(named: name) }
        return keep(found, places)
    }

    private func keep(_ found: (tenant: Tenant, place: Int)?, _ places: TenantPlaces) -> (tenant: Tenant, place: Int)? {
        guard let found else { return nil }
        state.withLock { state in
            // Found by another map, it proves nothing.
            guard state.places == places else { return }
            if state.found.count >= Self.capacity { state.found = [:] }
            state.found[found.tenant.id] = found
        }
        return found
    }

    /// Asks databases at the same time, and takes the first answer of one that is the tenant's place.
    private func first(
        of candidates: [Int],
        _ places: TenantPlaces,
        _ ask: @escaping @Sendable (PostgresStore) async throws -> Tenant?
    ) async throws -> (tenant: Tenant, place: Int)? {
        try await withThrowingTaskGroup(of: Result<(tenant: Tenant, place: Int)?, any Error>.self) { group in
            for place in candidates {
                group.addTask {
                    do {
                        let tenant = try await ask(self.store(at: place))
                        guard let tenant, places.place(of: tenant) == place else { return .success(nil) }
                        return .success((tenant, place))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var failure: (any Error)?
            for try await answer in group {
                switch answer {
                case .success(let found?):
                    group.cancelAll()
                    return found
                case .success(nil): break
                case .failure(let error): failure = error
                }
            }
            if let failure { throw failure }
            return nil
        }
    }

    /// The store of a database that is used.
    /// - Throws: ``StoreError/unavailable(_:)`` for one that is not.
    public func store(at place: Int) throws(StoreError) -> PostgresStore {
        guard !state.withLock({ $0.closed.contains(place) }) else {
            throw .unavailable("the database \(databases[place].name) is not in use yet")
        }
        return databases[place].store
    }

    /// The numbers of the databases that are used and there.
    var present: [Int] {
        state.withLock { state in databases.indices.filter { !state.closed.contains($0) && !state.away.contains($0) } }
    }
}
