public import Domain

extension PlacedStore: TenantDirectory {
    /// The tenant with this name, where the map says that it lives; nil when it is not there.
    public func tenant(named name: String) async throws -> Tenant? {
        if databases.count == 1 { return try await databases[0].store.tenant(named: name) }
        return try await find(named: name)?.tenant
    }

    /// The tenant, where the map says that it lives; nil when it is not there.
    public func tenant(_ id: TenantID) async throws -> Tenant? {
        if databases.count == 1 { return try await databases[0].store.tenant(id) }
        return try await find(id)?.tenant
    }

    /// Which tenants that live elsewhere by another map are not there: by it they would be lost to everybody.
    /// - Returns: their names or ids.
    /// - Throws: ``StoreError`` when a database does not answer.
    public func missing(by places: TenantPlaces) async throws -> [String] {
        var missing: [String] = []
        let (names, ids) = places.listed
        let now = tenantPlaces
        // Those that were listed before may live in the first database afterwards.
        let (formerNames, formerIDs) = now.listed
        for name in Set(names + formerNames).sorted() {
            guard let present = try await tenant(named: name), now.place(of: present) != places.place(of: present)
            else {
                continue
            }
            let there = try await store(at: places.place(of: present)).tenant(present.id)
            if there != present { missing.append(name) }
        }
        for id in Set(ids + formerIDs).sorted() {
            guard let present = try await tenant(id), now.place(of: present) != places.place(of: present) else {
                continue
            }
            let there = try await store(at: places.place(of: present)).tenant(id)
            if there != present { missing.append(id.text) }
        }
        return missing
    }
}
