public import Domain

/// Which database each tenant lives in: those that are not listed live in the first.
public struct TenantPlaces: Sendable, Equatable {
    private let byName: [String: Int]
    private let byID: [TenantID: Int]

    /// All tenants live in the first database.
    public static let single = TenantPlaces(byName: [:], byID: [:])

    /// Creates a map of tenants' names and ids to the numbers of databases. What is listed by id is not looked for by name.
    public init(byName: [String: Int], byID: [TenantID: Int]) {
        self.byName = byName
        self.byID = byID
    }

    /// The database of a tenant.
    public func place(of tenant: Tenant) -> Int { byID[tenant.id] ?? byName[tenant.name] ?? 0 }

    /// The database of a tenant of which only the id is known; nil when its name decides.
    func place(of id: TenantID) -> Int? { byID[id] ?? (byName.isEmpty ? 0 : nil) }

    /// Where a tenant of this name may live: the place that the name has comes first.
    func candidates(named name: String) -> [Int] {
        let first = byName[name] ?? 0
        return [first] + Set(byID.values).subtracting([first]).sorted()
    }

    /// The names and ids that are listed.
    var listed: (names: [String], ids: [TenantID]) { (byName.keys.sorted(), byID.keys.sorted()) }
}
